export class StageLoop {
    #work;
    #intervalMs;
    #logger;
    #metrics;
    #timer;
    #running;
    #again;
    #stopped;
    constructor(stage, work, intervalMs, logger, metrics) {
        this.#again = false;
        this.#stopped = true;
        /** Message of the last run when it failed; for health. */
        this.failure = null;
        this.stage = stage;
        this.#work = work;
        this.#intervalMs = intervalMs;
        this.#logger = logger;
        this.#metrics = metrics;
    }
    start() {
        this.#stopped = false;
        this.wake();
    }
    /** Runs now, or once more after the run that is going on. */
    wake() {
        if (this.#stopped)
            return;
        if (this.#running !== undefined) {
            this.#again = true;
            return;
        }
        clearTimeout(this.#timer);
        this.#running = this.#once().finally(() => {
            this.#running = undefined;
            if (this.#stopped)
                return;
            if (this.#again) {
                this.#again = false;
                this.wake();
            }
            else {
                this.#timer = setTimeout(() => this.wake(), this.#intervalMs);
            }
        });
    }
    async #once() {
        try {
            await this.#work();
            if (this.failure !== null)
                this.#logger.info({ stage: this.stage }, 'stage works again');
            this.failure = null;
        }
        catch (error) {
            const message = error instanceof Error ? error.message : String(error);
            this.#metrics.stageErrors.inc({ stage: this.stage });
            // A stage that fails every 50 ms would bury the log: one line per new message.
            if (message !== this.failure)
                this.#logger.error({ err: error, stage: this.stage }, 'stage failed and will be tried again');
            this.failure = message;
            this.#again = false;
        }
    }
    /** Waits for the run that is going on. */
    async stop() {
        this.#stopped = true;
        clearTimeout(this.#timer);
        await this.#running;
    }
}
//# sourceMappingURL=stage-loop.js.map