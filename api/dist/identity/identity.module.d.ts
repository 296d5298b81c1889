export declare class IdentityModule {
}
