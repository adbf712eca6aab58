package store

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
)

// quiet drops the queue library's own chatter; what a job does is logged where
// it is done.
var quiet = slog.New(slog.DiscardHandler)

// queueInserter puts jobs into a transaction of database/sql.
type queueInserter struct{ client *river.Client[*sql.Tx] }

func (q queueInserter) InsertManyTx(ctx context.Context, tx *sql.Tx, params []river.InsertManyParams) error {
	_, err := q.client.InsertManyTx(ctx, tx, params)
	return err
}

func (s *Store) prepareJobs() error {
	config := &river.Config{Logger: quiet}
	var client *river.Client[*sql.Tx]
	var err error
	if s.postgres {
		client, err = river.NewClient(riverdatabasesql.New(s.write), config)
	} else {
		client, err = river.NewClient(riversqlite.New(s.write), config)
	}
	if err != nil {
		return fmt.Errorf("store: queue: %w", err)
	}
	s.insert = queueInserter{client}
	return nil
}

// Work runs jobs with the given workers until the returned function is called,
// which waits for those under way.
func (s *Store) Work(ctx context.Context, workers *river.Workers) (stop func(context.Context) error, err error) {
	config := &river.Config{
		Logger:            quiet,
		Workers:           workers,
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 8}},
		FetchPollInterval: 100 * time.Millisecond,
		FetchCooldown:     50 * time.Millisecond,
		JobTimeout:        time.Minute,
		// A job of a process that was killed is taken up again after this long.
		RescueStuckJobsAfter: 2 * time.Minute,
	}
	if s.postgres {
		config.FetchPollInterval = time.Second // notifications wake it at once
		return start(ctx, func() (*river.Client[pgx.Tx], error) { return river.NewClient(riverpgxv5.New(s.pool), config) })
	}
	return start(ctx, func() (*river.Client[*sql.Tx], error) { return river.NewClient(riversqlite.New(s.write), config) })
}

func start[T any](ctx context.Context, open func() (*river.Client[T], error)) (func(context.Context) error, error) {
	client, err := open()
	if err != nil {
		return nil, fmt.Errorf("store: queue: %w", err)
	}
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return nil, fmt.Errorf("store: queue: %w", err)
	}
	return client.Stop, nil
}

// Exclusive runs do unless the same name is being run already, on whichever
// replica; it says whether it ran.
func (s *Store) Exclusive(ctx context.Context, name string, do func(context.Context) error) (ran bool, err error) {
	if !s.postgres {
		lock, _ := s.sweeps.LoadOrStore(name, &sync.Mutex{})
		mu := lock.(*sync.Mutex)
		if !mu.TryLock() {
			return false, nil
		}
		defer mu.Unlock()
		return true, do(ctx)
	}
	// Each holds one connection and does its work on another: if all could wait for
	// the second at once, none would get it.
	select {
	case s.exclusive <- struct{}{}:
		defer func() { <-s.exclusive }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return false, fmt.Errorf("store: exclusive: %w", err)
	}
	defer conn.Close()
	if err := conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock(hashtext($1))`, name).Scan(&ran); err != nil || !ran {
		return false, err
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock(hashtext($1))`, name)
	return true, do(ctx)
}
