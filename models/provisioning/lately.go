package provisioning

import (
	"sync"
	"time"

	"locum/models/store"
)

// In a company of more than largeCompany people, what reading all of them gives
// is kept for keptFor: it only helps to fill in forms and warns.
const (
	largeCompany = 2000
	keptFor      = time.Minute
)

// lately keeps what was read of everyone in large companies, by company. Whoever
// asks while it is being read waits for that.
type lately[T any] struct{ by sync.Map }

type kept[T any] struct {
	mu    sync.Mutex
	value T
	read  time.Time
}

// get gives what read gives in the transaction, or gave lately.
func (l *lately[T]) get(tx *store.Tx, company string, read func(tx *store.Tx, company string) (T, error)) (value T, err error) {
	known, err := countKnown(tx, company)
	if err != nil {
		return value, err
	}
	if known <= largeCompany {
		l.by.Delete(company)
		return read(tx, company)
	}
	held, _ := l.by.LoadOrStore(company, &kept[T]{})
	k := held.(*kept[T])
	k.mu.Lock()
	defer k.mu.Unlock()
	if age := tx.Now().Sub(k.read); age >= 0 && age < keptFor {
		return k.value, nil
	}
	if value, err = read(tx, company); err == nil {
		k.value, k.read = value, tx.Now()
	}
	return value, err
}
