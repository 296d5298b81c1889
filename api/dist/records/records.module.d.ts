export declare class RecordsModule {
}
