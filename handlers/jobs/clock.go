package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

// Sweep is something that has to be done again and again: to end what has run
// out, to tidy up. It must be harmless to run it twice, or late: nothing may
// rely on a sweep to keep anybody out.
type Sweep struct {
	Name  string
	Every time.Duration
	Run   func(ctx context.Context) error
}

// Clock runs sweeps, each on its own ticker and on one replica at a time.
type Clock struct {
	// Exclusive runs do unless the name is being run already, on whichever
	// replica, and says whether it ran.
	Exclusive func(ctx context.Context, name string, do func(context.Context) error) (ran bool, err error)
	Sweeps    []Sweep
	// Wake runs every sweep now, at each value; nil for none. Closing it only
	// ends the waking.
	Wake <-chan struct{}
	Now  func() time.Time
	Log  *slog.Logger
}

const (
	// sweepTime is how long a sweep may take before it is cut off.
	sweepTime = 5 * time.Minute
	// quietTime is how long the same failure is not logged again.
	quietTime = time.Minute
)

// Run runs the sweeps, each at once for what fell due while nothing ran, until
// ctx ends. It returns when those under way have returned.
func (c *Clock) Run(ctx context.Context) {
	var running sync.WaitGroup
	wakes := make([]chan struct{}, len(c.Sweeps))
	for i, sweep := range c.Sweeps {
		wakes[i] = make(chan struct{}, 1)
		running.Go(func() { c.keep(ctx, sweep, wakes[i]) })
	}
	c.pass(ctx, wakes)
	running.Wait()
}

// pass hands each waking on to every sweep. One that is busy will run once
// more, however often it was woken meanwhile.
func (c *Clock) pass(ctx context.Context, wakes []chan struct{}) {
	wake := c.Wake
	for {
		select {
		case <-ctx.Done():
			return
		case _, open := <-wake:
			if !open {
				wake = nil
				continue
			}
		}
		for _, w := range wakes {
			select {
			case w <- struct{}{}:
			default:
			}
		}
	}
}

// keep runs one sweep on its ticker and when it is woken.
func (c *Clock) keep(ctx context.Context, sweep Sweep, wake <-chan struct{}) {
	ticker := time.NewTicker(sweep.Every)
	defer ticker.Stop()
	failures := complaints{log: c.Log.With("sweep", sweep.Name)}
	for {
		began := c.Now()
		err := c.once(ctx, sweep)
		if ctx.Err() != nil {
			return
		}
		failures.hear(err, began, c.Now())
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-wake:
		}
	}
}

// once runs a sweep, unless another replica does, and turns a panic into an
// error: one broken sweep must not stop the others.
func (c *Clock) once(ctx context.Context, sweep Sweep) (err error) {
	ctx, done := context.WithTimeout(ctx, sweepTime)
	defer done()
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	_, err = c.Exclusive(ctx, "sweep "+sweep.Name, sweep.Run)
	return err
}

// complaints logs the failures of one sweep: the first, then at most one a
// minute, and that it works again. A sweep may run each second while the
// database is down for an hour.
type complaints struct {
	log    *slog.Logger
	failed int
	said   time.Time
}

func (c *complaints) hear(err error, began, now time.Time) {
	switch {
	case err == nil && c.failed > 0:
		c.log.Info("sweep works again", "failed", c.failed)
		*c = complaints{log: c.log}
	case err != nil:
		c.failed++
		if c.failed == 1 || now.Sub(c.said) >= quietTime {
			c.said = now
			c.log.Error("sweep failed", "error", err, "failed", c.failed, "took", now.Sub(began))
		}
	}
}
