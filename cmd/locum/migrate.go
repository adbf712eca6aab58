package main

import (
	"context"
	"fmt"

	"locum/models/access"
	"locum/models/store"
)

type migrate struct {
	database `embed:""`
}

// Run brings the database up to date.
func (m *migrate) Run(ctx context.Context) error {
	s, err := store.Open(ctx, store.Config{URL: m.url(), Derive: access.Derive})
	if err != nil {
		return m.explain(unopened{err})
	}
	s.Close()
	fmt.Println("The database is up to date.")
	return nil
}
