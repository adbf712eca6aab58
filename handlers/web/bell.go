package web

import (
	"context"
	"fmt"

	"locum/models"
	"locum/views/layout"
)

// bell is what pages say of a person's inbox. Who works by a set-up link has
// none.
func (a *App) bell(ctx context.Context, by models.Actor) (layout.Bell, error) {
	if a.config.Bell == nil || by.Account == "" {
		return layout.Bell{}, nil
	}
	return a.config.Bell(ctx, by)
}

// ring tells an open page how much of the inbox is unread, when that is not
// what it was told before; it gives what the page knows now.
func (a *App) ring(ctx context.Context, by models.Actor, told int, out *stream) (int, error) {
	bell, err := a.bell(ctx, by)
	if err != nil || !bell.Has || bell.Unread == told {
		return told, err
	}
	return bell.Unread, out.send(fmt.Sprintf("event: inbox\ndata: {\"unread\":%d}\n\n", bell.Unread))
}
