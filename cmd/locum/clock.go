package main

import (
	"sync"
	"time"
)

// clock is the wall's, but for the time in which the demo's past is made.
type clock struct {
	mu   sync.Mutex
	past time.Time // zero: the wall's
}

// Now is the time it is.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.past.IsZero() {
		return time.Now()
	}
	return c.past
}

// set makes it another time; the zero time makes it now again.
func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.past = t
}
