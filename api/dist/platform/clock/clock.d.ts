/** The wall clock, as a port so that tests can hold it still. The log's `time` is a claim, never evidence. */
export declare abstract class Clock {
    abstract now(): Date;
}
export declare class SystemClock extends Clock {
    now(): Date;
}
