export const STATES = ['sequenced', 'integrated', 'checkpointed', 'anchored', 'confirmed'];
/** The furthest state of the entry at `index`. */
export function stateOf(index, sizes) {
    if (index < sizes.confirmed)
        return 'confirmed';
    if (index < sizes.anchored)
        return 'anchored';
    if (index < sizes.checkpointed)
        return 'checkpointed';
    if (index < sizes.integrated)
        return 'integrated';
    return 'sequenced';
}
//# sourceMappingURL=model.js.map