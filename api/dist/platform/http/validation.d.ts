import { StandardSchemaValidationPipe } from '@nestjs/common';
/** Every issue is named with its path; unknown parameters are refused because the schemas are strict objects. */
export declare function validationPipe(): StandardSchemaValidationPipe;
