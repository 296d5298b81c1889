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
var DatabaseModule_1;
// TypeORM for the ordinary tables and the migrations (`synchronize` never); a pool of its own for the ledger's hot path.
import { Global, Inject, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CONFIG } from '../config/config.module.js';
import { Health } from '../health/health.js';
import { LOGGER } from '../logger/logger.js';
import { MIGRATIONS } from './migrations/index.js';
import { createPool, POOL } from './pool.js';
export function dataSourceOptions(url, entities) {
    return {
        type: 'postgres',
        url,
        entities,
        migrations: MIGRATIONS,
        migrationsTransactionMode: 'all',
        synchronize: false,
        logging: false,
        applicationName: 'medanchor',
        poolSize: 4,
    };
}
let DatabaseModule = DatabaseModule_1 = class DatabaseModule {
    #pool;
    constructor(pool, health) {
        this.#pool = pool;
        health.register('database', async () => {
            await pool.query('SELECT 1');
            return { status: 'up', connections: pool.totalCount, waiting: pool.waitingCount };
        });
    }
    static with(config, entities) {
        return {
            module: DatabaseModule_1,
            imports: [
                TypeOrmModule.forRoot({
                    ...dataSourceOptions(config.DATABASE_URL, entities),
                    migrationsRun: false,
                    retryAttempts: 1,
                }),
            ],
            providers: [
                {
                    provide: POOL,
                    useFactory: (settings, logger) => {
                        const pool = createPool(settings.DATABASE_URL, settings.DATABASE_POOL_SIZE);
                        // An idle connection that dies is replaced; without a listener it would end the process.
                        pool.on('error', (error) => logger.warn({ err: error }, 'an idle database connection was lost'));
                        return pool;
                    },
                    inject: [CONFIG, LOGGER],
                },
            ],
            exports: [POOL],
        };
    }
    async onApplicationShutdown() {
        await this.#pool.end();
    }
};
DatabaseModule = DatabaseModule_1 = __decorate([
    Global(),
    Module({}),
    __param(0, Inject(POOL)),
    __param(1, Inject(Health)),
    __metadata("design:paramtypes", [Object, Health])
], DatabaseModule);
export { DatabaseModule };
//# sourceMappingURL=database.module.js.map