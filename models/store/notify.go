package store

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// channel is where replicas tell each other of changes.
const channel = "locum"

// topics wakes those who follow a topic. A signal says that something changed,
// not what: whoever is woken looks again.
type topics struct {
	mu   sync.Mutex
	drop []func() // caches that drop what they hold, before anybody is woken
	next int
	by   map[string]map[int]chan string
}

// Everything is the topic of those who want to hear of every topic.
const Everything = "*"

func newTopics() *topics { return &topics{by: map[string]map[int]chan string{}} }

func (t *topics) follow(names []string) (<-chan string, func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.next++
	id, signal := t.next, make(chan string, 64)
	for _, name := range names {
		if t.by[name] == nil {
			t.by[name] = map[int]chan string{}
		}
		t.by[name][id] = signal
	}
	return signal, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		for _, name := range names {
			delete(t.by[name], id)
			if len(t.by[name]) == 0 {
				delete(t.by, name)
			}
		}
	}
}

// tell never waits: who has 64 signals unread will look again anyway.
func (t *topics) tell(names ...string) {
	if len(names) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, drop := range t.drop {
		drop()
	}
	for _, name := range names {
		if name == Everything {
			for _, signals := range t.by {
				wake(signals, name)
			}
			continue
		}
		wake(t.by[name], name)
		wake(t.by[Everything], name)
	}
}

func wake(signals map[int]chan string, name string) {
	for _, signal := range signals {
		select {
		case signal <- name:
		default:
		}
	}
}

// Follow gives a channel that receives a topic's name when something changed
// there, on whichever replica, and a function that ends it.
func (s *Store) Follow(names ...string) (<-chan string, func()) { return s.topics.follow(names) }

// Drop registers what a cache does when anything changed, on whichever replica.
// For changes of this replica it is done before the writer goes on, so that
// nobody reads back less than he wrote.
func (s *Store) Drop(do func()) {
	s.topics.mu.Lock()
	defer s.topics.mu.Unlock()
	s.topics.drop = append(s.topics.drop, do)
}

func (tx *Tx) sendNotices() error {
	if !tx.store.postgres {
		return nil
	}
	if len(tx.notices) == 0 {
		return nil
	}
	slices.Sort(tx.notices)
	tx.notices = slices.Compact(tx.notices)
	const tell = `SELECT pg_notify($1, topic) FROM unnest($2::text[]) AS topic`
	if _, err := tx.sql.ExecContext(tx.ctx, tell, channel, tx.notices); err != nil {
		return fmt.Errorf("store: notify: %w", err)
	}
	return nil
}

// listen hears what replicas tell, this one included, and reconnects when the
// connection breaks. After a gap everyone is woken, for what was missed.
func (s *Store) listen(ctx context.Context) {
	for ctx.Err() == nil {
		err := s.listenOnce(ctx)
		if ctx.Err() != nil {
			return
		}
		s.log.Warn("the database's notifications broke off; what other replicas change is seen half a second late meanwhile", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

func (s *Store) listenOnce(ctx context.Context) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return err
	}
	s.topics.tell(Everything)
	for {
		n, err := conn.Conn().WaitForNotification(ctx)
		if err != nil {
			return err
		}
		s.topics.tell(n.Payload)
	}
}
