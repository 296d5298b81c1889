import { Injectable } from '@nestjs/common';

/** The wall clock, as a port so that tests can hold it still. The log's `time` is a claim, never evidence. */
export abstract class Clock {
  abstract now(): Date;
}

@Injectable()
export class SystemClock extends Clock {
  now(): Date {
    return new Date();
  }
}
