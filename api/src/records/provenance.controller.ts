// Receipts in the words of others: FHIR Provenance and W3C PROV-JSON.
import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { parseEntry } from '@medanchor/verifier';
import { type FastifyReply } from 'fastify';
import { z } from 'zod';
import { Caller, Requires } from '../platform/auth/access.decorators.ts';
import { type Principal } from '../platform/auth/principal.ts';
import { ApiProblems } from '../platform/http/api-problems.ts';
import { fhirProvenance } from './provenance-fhir.rules.ts';
import { provJson } from './provenance-prov.rules.ts';
import { factsOf } from './provenance.rules.ts';
import { versionParams } from './records.schema.ts';
import { RecordsService } from './records.service.ts';
import { LOG_ORIGIN } from './records.tokens.ts';

const provenanceQuery = z.strictObject({
  format: z.enum(['fhir', 'prov']).optional().describe('fhir: FHIR R4 Provenance (default); prov: W3C PROV-JSON'),
});

@ApiTags('records')
@Controller('v1/records/:source/:recordId')
export class ProvenanceController {
  readonly #records: RecordsService;
  readonly #origin: string;

  constructor(@Inject(RecordsService) records: RecordsService, @Inject(LOG_ORIGIN) origin: string) {
    this.#records = records;
    this.#origin = origin;
  }

  @Get('versions/:versionId/provenance')
  @Requires('version.read')
  @ApiOperation({
    summary: 'The receipt of a version as FHIR Provenance or W3C PROV-JSON',
    description: 'What it says is proved by the bundle of the same version, not by this document.',
  })
  @ApiProduces('application/fhir+json', 'application/json')
  @ApiResponse({ status: 200, description: 'FHIR R4 Provenance, or a PROV-JSON document' })
  @ApiProblems(400, 404)
  async provenance(
    @Caller() caller: Principal,
    @Param({ schema: versionParams }) params: z.output<typeof versionParams>,
    @Query({ schema: provenanceQuery }) query: z.output<typeof provenanceQuery>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const located = await this.#records.locate(caller.tenant, params);
    const entry = parseEntry(located.version.entry);
    const facts = factsOf(located, entry.kind === 'record-version' ? entry.previous : null, this.#origin);
    const type = query.format === 'prov' ? 'application/json' : 'application/fhir+json';
    void reply.header('cache-control', 'private, no-store').header('content-type', `${type}; charset=utf-8`);
    return JSON.stringify(query.format === 'prov' ? provJson(facts) : fhirProvenance(facts));
  }
}
