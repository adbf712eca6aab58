package provisioning

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"locum/models"
	"locum/models/store"
)

// MaxBatch is how many connectors one publication changes at most.
const MaxBatch = 1000

// Batch is several changes of connectors that are published as one: what they do
// together is previewed, stopped by the brakes and undone together.
type Batch struct {
	Cause  Cause       // ConnectorsSaved or GroupsMigrated
	Save   []Connector // with an id those that change, as Save takes them
	Delete []string    // ids
}

// Empty says that nothing changes.
func (b Batch) Empty() bool { return len(b.Save)+len(b.Delete) == 0 }

// prepare tidies a batch up, and says what is wrong with it by itself.
func (b *Batch) prepare() error {
	if b.Empty() {
		return models.Fail(models.Invalid, "provisioning.error.batch_empty")
	}
	if len(b.Save)+len(b.Delete) > MaxBatch {
		return models.Fail(models.Invalid, "provisioning.error.batch_large", "Most", MaxBatch)
	}
	b.Save = slices.Clone(b.Save)
	for i := range b.Save {
		if err := b.Save[i].Prepare(); err != nil {
			return err
		}
	}
	b.Delete = slices.Compact(slices.Sorted(slices.Values(b.Delete)))
	return nil
}

// shifts are the connectors of a batch as they are and as they will be.
func (b Batch) shifts(tx *store.Tx) (shifts []shift, err error) {
	add := func(id string, becomes *Connector) error {
		s := shift{becomes: becomes}
		if id != "" {
			row, err := find(tx, id)
			if err != nil {
				return err
			}
			now, err := row.saved()
			if err != nil {
				return err
			}
			s.was = &now.Connector
		}
		shifts = append(shifts, s)
		return nil
	}
	for i := range b.Save {
		if err := checkTarget(tx, &b.Save[i]); err != nil {
			return nil, err
		}
		if err := add(b.Save[i].ID, &b.Save[i]); err != nil {
			return nil, err
		}
	}
	for _, id := range b.Delete {
		if err := add(id, nil); err != nil {
			return nil, err
		}
	}
	return shifts, nil
}

// PreviewAll says what SaveAll would do. It refuses what SaveAll refuses by
// itself.
func (c *Connectors) PreviewAll(ctx context.Context, by models.Actor, in Batch) (p Preview, err error) {
	if err := in.prepare(); err != nil {
		return p, err
	}
	err = c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		shifts, err := in.shifts(tx)
		if err != nil {
			return err
		}
		p, err = c.foresee(tx, shifts)
		return err
	})
	return p, err
}

// SaveAll makes, changes and deletes connectors in one publication, all or none.
// For what it gives and its errors see Save; its Saved is empty.
func (c *Connectors) SaveAll(ctx context.Context, by models.Actor, in Batch, how Publishing) (Published, error) {
	if err := in.prepare(); err != nil {
		return Published{}, err
	}
	p := publication{Run: Run{Cause: in.Cause, Reason: how.Reason}, Publishing: how}
	err := c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) (err error) {
		p.shifts, err = in.shifts(tx)
		return err
	})
	if err != nil {
		return Published{}, err
	}
	p.SubjectName = subjects(p.shifts)
	p.change = func(tx *store.Tx, run string) (string, error) {
		for _, one := range in.Save {
			if _, err := keep(tx, one, how.Reason, run); err != nil {
				return "", err
			}
		}
		for _, id := range in.Delete {
			if err := drop(tx, id, how.Reason, run); err != nil {
				return "", err
			}
		}
		return "", nil
	}
	return c.publish(ctx, by, p)
}

// subjects names the connectors of a publication: the first two, and how many
// there are beside them.
func subjects(shifts []shift) string {
	const most = 2
	var names []string
	for _, s := range shifts {
		about := s.becomes
		if about == nil {
			about = s.was
		}
		names = append(names, about.Name)
	}
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + " +" + strconv.Itoa(len(names)-most)
}
