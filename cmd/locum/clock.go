package main

import (
	"sync"
	"time"
)

// clock is the wall's, but for the time in which the demo's past is made.
type clock struct {
	mu     sync.Mutex
	past   time.Time     // zero: the wall's
	offset time.Duration // of now to the wall's
}

// Now is the time it is.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.past.IsZero() {
		return time.Now().Add(c.offset)
	}
	return c.past
}

// set makes it another time; the zero time makes it now again.
func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.past = t
}

// ahead moves now on, so that what ends by itself can be seen to end.
func (c *clock) ahead(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
}
