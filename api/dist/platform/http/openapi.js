import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
/** The JSON Schema of a zod schema. Named schemas (`meta({ id })`) are under `$defs`. */
function toSchema(schema, io) {
    const { $schema: _dialect, ...converted } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
    return converted;
}
/** The JSON Schema of a schema without named parts, as OpenAPI 3.1 embeds it. */
export function jsonSchema(schema) {
    const { $defs, $ref, id: _id, ...converted } = toSchema(schema, 'input');
    const named = $ref === undefined ? undefined : $defs?.[$ref.split('/').at(-1) ?? ''];
    return (named ?? converted);
}
export function createOpenApi(app) {
    const info = new DocumentBuilder()
        .setOpenAPIVersion('3.1.0')
        .setTitle('MedAnchor')
        .setDescription('Tamper-evident ledger for medical record versions. Sizes and indexes are decimal strings; hashes are lower-case hex. Errors are application/problem+json (RFC 9457) with a stable `code`.')
        .setVersion('1')
        .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
        .addServer('/')
        .build();
    return SwaggerModule.createDocument(app, info, {
        // OpenAPI 3.1 speaks JSON Schema 2020-12; the built-in conversion still writes 3.0.
        standardSchemaConverter: (schema, { schemaType }) => {
            const { $defs, ...converted } = toSchema(schema, schemaType);
            return { schema: converted, components: ($defs ?? {}) };
        },
    });
}
export function serveOpenApi(app) {
    SwaggerModule.setup('api/docs', app, () => createOpenApi(app));
}
//# sourceMappingURL=openapi.js.map