package configuration

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/federation"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

// ErrChanged says that something changed since the plan was made.
var ErrChanged = errors.New("what stands changed since the plan was made: plan again")

// Apply makes what stands agree with a document, as planned and shown before.
// The platform and each company have one transaction of their own, in order; one
// that fails leaves nothing of itself, and ends it. What was done is written to
// out as it is done.
func (c *Configuration) Apply(ctx context.Context, d *Document, shown Plan, out io.Writer) error {
	for _, part := range shown.Parts {
		if part.Empty() {
			continue
		}
		keys, err := c.prepare(part.newKeys)
		if err != nil {
			return fmt.Errorf("%s: %w", part.Title, err)
		}
		var done Part
		err = c.Store.System(ctx, purpose, func(tx *store.Tx) error {
			tx.Actor = models.Actor{Name: c.Operator, Channel: models.CLI}
			tx.Remark("operator", c.Operator)
			done, err = c.applyPart(tx, d, part, shown.prune, keys)
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: nothing of it was applied: %w", part.Title, err)
		}
		done.print(out)
	}
	return nil
}

// prepare makes the keys of new connections, before any transaction.
func (c *Configuration) prepare(n int) (*keyring, error) {
	if n == 0 {
		return &keyring{}, nil
	}
	installation, err := c.Keys()
	if err != nil {
		return nil, fmt.Errorf("a connection is made, which needs the installation's keys: %w", err)
	}
	k := &keyring{federation: federation.New(c.Store, installation, nil)}
	for range n {
		private, err := k.federation.NewKey()
		if err != nil {
			return nil, err
		}
		k.private = append(k.private, private)
	}
	return k, nil
}

type keyring struct {
	federation *federation.Federation
	private    []*rsa.PrivateKey
}

// work is one transaction that carries out a part.
type work struct {
	tx      *store.Tx
	keys    *keyring
	ids     map[string]string // of what was made, by what stood for it
	company string
	founded string // the organization that came with its company
	manager account.Person
}

// real is the id of a thing, also of one that this transaction made.
func (w *work) real(id string) string {
	if made, is := w.ids[id]; is {
		return made
	}
	return id
}

// applyPart compares again inside the transaction, and carries out what was
// shown, or nothing.
func (c *Configuration) applyPart(tx *store.Tx, d *Document, shown Part, prune bool, keys *keyring) (Part, error) {
	if shown.id != "" { // so that two commands, or a command and a sign-in, wait for each other
		if err := tx.LockCompany(shown.id, false); err != nil {
			return Part{}, err
		}
	}
	problems := Problems{File: d.file}
	m, err := c.compare(tx, &problems, prune)
	if err != nil {
		return Part{}, err
	}
	var p Part
	if shown.company == nil {
		p, err = m.platform(&d.Platform.Value)
	} else {
		p, err = m.companyPart(shown.company)
	}
	if err != nil {
		return p, err
	}
	if problems.err() != nil || p.changes() != shown.changes() {
		return p, ErrChanged
	}
	p.People.Counts = shown.People.Counts
	w := &work{tx: tx, keys: keys, ids: map[string]string{}, company: p.id}
	if p.company == nil {
		return p, w.all(p.Changes)
	}
	return p, m.applyCompany(w, &p)
}

func (w *work) all(changes []Change) error {
	for _, c := range changes {
		if err := c.do(w); err != nil {
			return fmt.Errorf("%s %s: %w", c.Kind, quote(c.Name), err)
		}
	}
	return nil
}

// applyCompany founds the company where it is a new one; everything else is
// confined to it.
func (m *comparison) applyCompany(w *work, p *Part) error {
	changes := p.Changes
	if p.id == "" {
		if err := w.all(changes[:1]); err != nil {
			return err
		}
		changes = changes[1:]
	}
	party, err := tenancy.PartyOf(w.tx, w.company, "")
	if err != nil {
		return err
	}
	w.tx.Actor.Effective, w.tx.Actor.Permissions = party, append(models.Permissions(models.CompanyPermissions).With(), models.OrganizationPermissions...)
	return w.tx.Within(w.company, func(tx *store.Tx) error {
		if err := w.all(changes); err != nil || !p.evaluate {
			return err
		}
		applied, err := provisioning.NewConnectors(m.Store).Evaluate(tx, provisioning.ConfigurationApplied)
		if err != nil {
			return err
		}
		s, err := m.standing(tenancy.Company{ID: w.company})
		p.People = m.people(s, p.People.Counts, applied)
		return err
	})
}

// foundCompany makes a company as signing up does, for its manager.
func (w *work) foundCompany(company, organization, name string, email account.Email, zone string) (tenancy.Founded, error) {
	person, err := account.ByEmail(w.tx, email.Normal)
	isNew := models.KindOf(err) == models.NotFound
	if isNew {
		person, err = account.Create(w.tx, account.New{Name: name, Email: email, TimeZone: zone})
	}
	if err != nil {
		return tenancy.Founded{}, err
	}
	person.TimeZone = zone
	made, err := tenancy.Found(w.tx, company, organization, person)
	w.company, w.manager = made.Company.ID, person
	if isNew && err == nil {
		w.tx.Record(event.AccountCreated, store.About{ID: person.ID, Name: person.Name, Company: made.Company.ID, Organization: made.Organization.ID})
	}
	return made, err
}

// organization makes an organization, unless it came with its company, and
// gives it its settings.
func (w *work) organization(id string, d *Organization, in tenancy.Settings, superuser account.Person) error {
	if w.ids[id] == "" {
		if superuser.ID == "" {
			superuser = w.manager
		}
		made, err := tenancy.AddOrganization(w.tx, w.company, in.Name, in.TimeZone, superuser)
		if err != nil {
			return err
		}
		w.ids[id] = made.ID
	}
	var made tenancy.Organization
	if err := w.tx.Where("id = ?", w.ids[id]).Take(&made).Error; err != nil {
		return err
	}
	if !d.Hue.Said {
		in.Hue = made.Hue
	}
	if made.Settings() == in {
		return nil
	}
	return tenancy.Configure(w.tx, made.ID, in)
}

// connection makes a connection with one of the prepared keys.
func (w *work) connection(in federation.Draft) (federation.Connection, error) {
	if len(w.keys.private) == 0 {
		return federation.Connection{}, ErrChanged
	}
	private := w.keys.private[0]
	w.keys.private = w.keys.private[1:]
	return w.keys.federation.Add(w.tx, in, private)
}
