package web

import (
	"context"
	"sync/atomic"
	"testing"

	"locum/models"
	"locum/views/layout"
)

func TestTheStreamSaysHowMuchOfTheInboxIsUnread(t *testing.T) {
	var unread atomic.Int64
	unread.Store(2)
	l := newLiveHub(t, func(c *Config) {
		c.Bell = func(_ context.Context, by models.Actor) (layout.Bell, error) {
			return layout.Bell{Has: by.Name == sanne().Name, Unread: int(unread.Load())}, nil
		}
	})
	_, from := l.open(t, sanne())
	event(t, from) // the context
	wantEvent(t, from, `event: inbox|data: {"unread":2}`)
	unread.Store(3)
	l.sessions.signals <- "account"
	wantEvent(t, from, `event: inbox|data: {"unread":3}`)
	l.sessions.signals <- "account" // nothing new: the beat after it speaks
	l.ticks[beatEvery] <- noon
	wantEvent(t, from, ": beat")
}
