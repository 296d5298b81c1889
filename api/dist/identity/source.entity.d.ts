/** A record system of a tenant. Its `id` is random and stands in the log; its `name` stands only here and in commitments. */
export declare class Source {
    id: string;
    tenantId: string;
    name: string;
    createdAt: Date;
}
