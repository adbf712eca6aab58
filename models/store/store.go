package store

import (
	"context"
	"database/sql"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"gorm.io/gorm"

	"locum/models"
)

// Derive finds out, inside a transaction, what an actor may do now. Writes
// lock the session and the delegation, so that neither ends meanwhile.
type Derive func(tx *Tx, by models.Actor) (models.Actor, error)

// Config says which database to open, and how.
type Config struct {
	URL    string           // sqlite:PATH or postgres://…
	Derive Derive           // the one function that decides authority
	Now    func() time.Time // the clock; time.Now when nil
	Log    *slog.Logger     // slog.Default() when nil
}

// Store is an open database.
type Store struct {
	url         string
	postgres    bool
	write       *sql.DB
	read        *sql.DB
	pool        *pgxpool.Pool // PostgreSQL: for the listener and the workers
	orm         *gorm.DB
	derive      Derive
	now         func() time.Time
	log         *slog.Logger
	insert      inserter
	topics      *topics
	stop        context.CancelFunc
	done        sync.WaitGroup
	reactions   map[string][]Reactions
	settlements []settlement
	sweeps      sync.Map      // name -> *sync.Mutex, for Exclusive on SQLite
	exclusive   chan struct{} // held by those who run by themselves on PostgreSQL
	refusalsMu  sync.Mutex
	refusals    map[string]time.Time // session and permission -> when it was recorded last
}

// Open connects, brings the schema up to date, and starts to listen for what
// other replicas change. The error says what is wrong in words for operators.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	s := &Store{url: cfg.URL, derive: cfg.Derive, now: cfg.Now, log: cfg.Log, topics: newTopics(), reactions: map[string][]Reactions{}, refusals: map[string]time.Time{}, exclusive: make(chan struct{}, exclusive)}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	if err := s.connect(ctx); err != nil {
		return nil, err
	}
	if err := s.migrate(ctx); err != nil {
		s.Close()
		return nil, err
	}
	if err := s.prepareJobs(); err != nil {
		s.Close()
		return nil, err
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	if s.postgres {
		s.done.Go(func() { s.listen(background) })
	}
	return s, nil
}

// Close ends the listener and every connection.
func (s *Store) Close() {
	if s.stop != nil {
		s.stop()
	}
	s.done.Wait()
	for _, db := range []*sql.DB{s.write, s.read} {
		if db != nil {
			db.Close()
		}
	}
	if s.pool != nil {
		s.pool.Close()
	}
}

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.read.PingContext(ctx) }

// Now is the store's clock.
func (s *Store) Now() time.Time { return s.now() }

// Dialect names the database: "sqlite" or "postgres".
func (s *Store) Dialect() string {
	if s.postgres {
		return "postgres"
	}
	return "sqlite"
}

type inserter interface {
	InsertManyTx(ctx context.Context, tx *sql.Tx, params []river.InsertManyParams) error
}
