var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var PlatformModule_1;
import { Global, Module } from '@nestjs/common';
import { Clock, SystemClock } from './clock/clock.js';
import { CONFIG } from './config/config.module.js';
import { Health } from './health/health.js';
import { HealthController } from './http/health.controller.js';
import { KeyProvider } from './keys/key-provider.port.js';
import { LocalKeyProvider } from './keys/local-key-provider.file.js';
import { readSecretFile } from './keys/secret-file.js';
import { LOGGER } from './logger/logger.js';
import { Metrics } from './metrics/metrics.js';
let PlatformModule = PlatformModule_1 = class PlatformModule {
    static with(logger, metrics) {
        return {
            module: PlatformModule_1,
            controllers: [HealthController],
            providers: [
                Health,
                { provide: LOGGER, useValue: logger },
                { provide: Metrics, useValue: metrics },
                { provide: Clock, useClass: SystemClock },
                {
                    provide: KeyProvider,
                    useFactory: (config) => new LocalKeyProvider(readSecretFile(config.KEK_FILE, 'key-encryption key (KEK_FILE)')),
                    inject: [CONFIG],
                },
            ],
            exports: [Health, LOGGER, Metrics, Clock, KeyProvider],
        };
    }
};
PlatformModule = PlatformModule_1 = __decorate([
    Global(),
    Module({})
], PlatformModule);
export { PlatformModule };
//# sourceMappingURL=platform.module.js.map