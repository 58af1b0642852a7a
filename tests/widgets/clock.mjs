// A clock for tests: time passes when they say so.

/** @param {number} tick milliseconds between two looks at what is due */
export function clock(tick = 50) {
  let now = 0, timers = [];
  return {
    now: () => now,
    waiting: () => timers.length,
    later(call, wait) {
      const timer = { call, at: now + wait };
      timers.push(timer);
      return timer;
    },
    never(timer) { timers = timers.filter((other) => other !== timer); },
    pass(ms) {
      for (const end = now + ms; now < end;) {
        now += tick;
        const due = timers.filter(({ at }) => at <= now);
        timers = timers.filter(({ at }) => at > now);
        due.forEach(({ call }) => call());
      }
    },
  };
}
