var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var __param = (this && this.__param) || function (paramIndex, decorator) {
    return function (target, key) { decorator(target, key, paramIndex); }
};
// C2SP tlog-tiles read API: GET /checkpoint, /tile/<L>/<N>[.p/<W>], /tile/entries/<N>[.p/<W>].
//
// Everything but the checkpoint is immutable and carries long cache headers. Nothing beyond the latest checkpoint is
// served: a tile of a tree that is not signed yet is nobody's business.
import { Controller, Get, Header, Inject, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { formatEntryBundle, parseTilePath, VerifyError } from '@medanchor/verifier';
import { CONFIG } from '../../platform/config/config.module.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { EntryStore } from '../store/entry-store.port.js';
import { TreeStore } from '../store/tree-store.port.js';
const IMMUTABLE = 'public, max-age=31536000, immutable';
const TILE_WIDTH = 256;
let TilesController = class TilesController {
    #trees;
    #entries;
    #config;
    constructor(trees, entries, config) {
        this.#trees = trees;
        this.#entries = entries;
        this.#config = config;
    }
    async checkpoint() {
        const latest = await this.#trees.latestCheckpoint();
        if (latest === null)
            throw new DomainError('not-found', 'no checkpoint is signed yet: the log is empty');
        return latest.note;
    }
    async tile(request, reply) {
        const path = parsePath(request.url.slice(1));
        const bytes = path.level === 'entries'
            ? await this.#entryBundle(path.index, path.width)
            : await this.#hashTile(path.level, path.index, path.width);
        void reply.header('content-type', 'application/octet-stream').header('cache-control', IMMUTABLE);
        return bytes;
    }
    async #hashTile(level, index, width) {
        const size = (await this.#trees.latestCheckpoint())?.size ?? 0n;
        // Hashes of this tile that lie within the signed tree.
        const available = (size >> BigInt(8 * level)) - index * BigInt(TILE_WIDTH);
        const hashes = available < BigInt(width) ? null : await this.#trees.tile(level, index);
        if (hashes === null)
            throw new DomainError('not-found', `no checkpoint has been signed over tile ${level}/${index} of width ${width}`);
        return Buffer.from(hashes.subarray(0, width * 32));
    }
    async #entryBundle(index, width) {
        if (this.#config.ENTRY_BUNDLES !== 'public') {
            throw new DomainError('entries-not-public', 'hash tiles are public, entry bundles are not (ENTRY_BUNDLES)');
        }
        const from = index * BigInt(TILE_WIDTH);
        const to = from + BigInt(width);
        const size = (await this.#trees.latestCheckpoint())?.size ?? 0n;
        if (to > size)
            throw new DomainError('not-found', `the latest checkpoint has size ${size}: entry ${to - 1n} is not covered`);
        return Buffer.from(formatEntryBundle(await this.#entries.readEntries(from, to)));
    }
};
__decorate([
    Get('checkpoint'),
    Header('content-type', 'text/plain; charset=utf-8'),
    Header('cache-control', 'no-store'),
    ApiOperation({ summary: 'The latest signed checkpoint (C2SP tlog-checkpoint)' }),
    ApiProduces('text/plain'),
    ApiResponse({ status: 200, description: 'A signed note', schema: { type: 'string' } }),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", []),
    __metadata("design:returntype", Promise)
], TilesController.prototype, "checkpoint", null);
__decorate([
    Get('tile/*'),
    ApiOperation({
        summary: 'A hash tile or an entry bundle (C2SP tlog-tiles)',
        description: '`/tile/<L>/<N>[.p/<W>]` or `/tile/entries/<N>[.p/<W>]`',
    }),
    ApiProduces('application/octet-stream'),
    ApiResponse({ status: 200, description: 'Octets, immutable' }),
    __param(0, Req()),
    __param(1, Res({ passthrough: true })),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [Object, Object]),
    __metadata("design:returntype", Promise)
], TilesController.prototype, "tile", null);
TilesController = __decorate([
    ApiTags('log'),
    Controller(),
    __param(0, Inject(TreeStore)),
    __param(1, Inject(EntryStore)),
    __param(2, Inject(CONFIG)),
    __metadata("design:paramtypes", [TreeStore,
        EntryStore, Object])
], TilesController);
export { TilesController };
function parsePath(text) {
    try {
        return parseTilePath(text.split('?')[0] ?? '');
    }
    catch (error) {
        if (error instanceof VerifyError)
            throw new DomainError('bad-request', error.message, {}, { cause: error });
        throw error;
    }
}
//# sourceMappingURL=tiles.controller.js.map