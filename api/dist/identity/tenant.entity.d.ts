/** The legal custodian of records. */
export declare class Tenant {
    id: string;
    name: string;
    createdAt: Date;
}
