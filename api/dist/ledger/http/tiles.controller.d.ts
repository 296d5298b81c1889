import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Config } from '../../platform/config/config.schema.ts';
import { EntryStore } from '../store/entry-store.port.ts';
import { TreeStore } from '../store/tree-store.port.ts';
export declare class TilesController {
    #private;
    constructor(trees: TreeStore, entries: EntryStore, config: Config);
    checkpoint(): Promise<string>;
    tile(request: FastifyRequest, reply: FastifyReply): Promise<Buffer>;
}
