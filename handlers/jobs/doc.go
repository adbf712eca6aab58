// Package jobs is what happens without anybody asking: the queue's workers,
// which send mail, and the clock, which runs the sweeps.
//
// It must never decide anything of the domain, and never log what a mail says
// or to whom it goes.
package jobs
