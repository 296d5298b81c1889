/**
 * Records and their versions, found by the names that their source gave them.
 *
 * - `create` leaves a record that exists already as it is (two processes may meet the same new record): read it again.
 * - histories are in the order of `seq`, which is the order of arrival.
 */
export class RecordStore {
}
//# sourceMappingURL=record-store.port.js.map