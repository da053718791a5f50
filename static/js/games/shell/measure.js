// What the person and the tests are told of speed: pictures drawn, long tasks, the input's age.

/** A task of the main thread this long or longer is a long one (ms), as the browser reports them. */
export class Measure {
  constructor() {
    this.longTasks = 0;
    this.longest = 0;
    /** Time spent drawing and stepping, a running mean (ms). */
    this.work = 0;
    /** @type {PerformanceObserver|null} */
    this.observer = null;
  }

  /** Begin to count long tasks; where the browser does not report them there are none. */
  start() {
    if (typeof PerformanceObserver === 'undefined' || !PerformanceObserver.supportedEntryTypes?.includes('longtask')) return;
    this.observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        this.longTasks += 1;
        this.longest = Math.max(this.longest, duration);
      }
    });
    this.observer.observe({ type: 'longtask' });
  }

  /** Begin anew, as when a game begins. */
  reset() {
    this.observer?.takeRecords();
    this.longTasks = 0;
    this.longest = 0;
  }

  /** @param {number} ms that one picture took the main thread */
  took(ms) {
    this.work = this.work ? this.work + (ms - this.work) * 0.05 : ms;
  }

  stop() {
    this.observer?.disconnect();
  }
}
