var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
// Health by part. Each area registers what it knows; the HTTP side only collects.
import { Injectable } from '@nestjs/common';
let Health = class Health {
    #parts = new Map();
    register(part, check) {
        this.#parts.set(part, check);
    }
    /** The worst part decides. A check that throws counts as down; its message is not shown (it may name internals). */
    async report() {
        const parts = {};
        await Promise.all([...this.#parts].map(async ([name, check]) => {
            try {
                parts[name] = await check();
            }
            catch {
                parts[name] = {
                    status: 'down',
                    code: 'check-failed',
                    detail: `the check of ${name} failed; see the service's log`,
                };
            }
        }));
        const statuses = Object.values(parts).map((part) => part.status);
        const status = statuses.includes('down') ? 'down' : statuses.includes('degraded') ? 'degraded' : 'up';
        return { status, parts: Object.fromEntries(Object.entries(parts).sort(([a], [b]) => a.localeCompare(b))) };
    }
};
Health = __decorate([
    Injectable()
], Health);
export { Health };
//# sourceMappingURL=health.js.map