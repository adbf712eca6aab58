package client

import (
	"context"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/event"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/tenancy"
)

// Clients are the operations on connected applications.
type Clients struct {
	store *store.Store

	mu      sync.Mutex
	known   map[knownBy]known
	right   map[[2]string]rightly   // secrets that were right and need not be looked up, by client id and hash
	changes int                     // how often all this was dropped
	seen    map[[2]string]time.Time // by organization and application
}

// known is a client that was read before; a nil one is not there.
type known struct {
	client *Client
	until  time.Time
}

// knownBy is what a client is asked by: its id, or a host of its.
type knownBy struct{ id, host string }

// rightly is a secret that was right.
type rightly struct {
	secret string // its id
	until  time.Time
}

// trusted is how long a registration that was read may be used again.
const trusted = 500 * time.Millisecond

// NewClients opens the connected applications of a store. What was read of them
// is dropped as soon as something changes, on whichever replica.
func NewClients(s *store.Store) *Clients {
	clients := &Clients{store: s, known: map[knownBy]known{}, right: map[[2]string]rightly{}, seen: map[[2]string]time.Time{}}
	s.Drop(clients.forget)
	return clients
}

func (c *Clients) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.known)
	clear(c.right)
	c.changes++
}

// Connected is an application with its registration, where it has one.
type Connected struct {
	tenancy.Application
	Client  *Client // nil where it is not connected
	Hosts   []string
	Secrets []Secret // the newest first, revoked ones too
}

// Get gives an application of the registry with its registration.
func (c *Clients) Get(ctx context.Context, by models.Actor, application string) (found Connected, err error) {
	err = c.store.Read(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		found, err = get(tx, application)
		return err
	})
	return found, err
}

// Registered is a registration as lists show it.
type Registered struct {
	Client
	Guarded bool // a proxy asks for a host of it
}

// All gives the registrations of every application that is connected, by id.
func (c *Clients) All(ctx context.Context, by models.Actor) (found map[string]Registered, err error) {
	err = c.store.Read(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		var rows []Client
		if err := tx.Find(&rows).Error; err != nil {
			return err
		}
		var hosts []Host
		if err := tx.Find(&hosts).Error; err != nil {
			return err
		}
		guarded := map[string]bool{}
		for _, h := range hosts {
			guarded[h.ApplicationID] = true
		}
		found = map[string]Registered{}
		for _, row := range rows {
			found[row.ApplicationID] = Registered{row, guarded[row.ApplicationID]}
		}
		return nil
	})
	return found, err
}

func get(tx *store.Tx, application string) (found Connected, err error) {
	if err := tx.Where("id = ?", application).Take(&found.Application).Error; err != nil {
		return found, missing(err)
	}
	var row Client
	err = tx.Where("application_id = ?", application).Take(&row).Error
	if store.Missing(err) {
		return found, nil
	}
	if err != nil {
		return found, err
	}
	found.Client = &row
	var hosts []Host
	if err := tx.Where("application_id = ?", application).Order("host").Find(&hosts).Error; err != nil {
		return found, err
	}
	for _, h := range hosts {
		found.Hosts = append(found.Hosts, h.Host)
	}
	err = tx.Where("application_id = ?", application).Order("created_at DESC, id DESC").Find(&found.Secrets).Error
	return found, err
}

func missing(err error) error {
	if store.Missing(err) {
		return models.Unknown()
	}
	return err
}

// Connect registers an application as a client, or changes its registration.
func (c *Clients) Connect(ctx context.Context, by models.Actor, application string, in Draft) error {
	if err := in.Check(); err != nil {
		return err
	}
	return c.store.Write(ctx, by, models.OperatePlatform, func(tx *store.Tx) error { return Connect(tx, application, in) })
}

// Connect is Clients.Connect within a transaction of the platform.
func Connect(tx *store.Tx, application string, in Draft) error {
	hosts, err := in.check()
	if err != nil {
		return err
	}
	was, err := get(tx, application)
	if err != nil {
		return err
	}
	row := Client{ApplicationID: application, Kind: in.Kind, RedirectURIs: in.RedirectURIs, PostLogoutURIs: in.PostLogoutURIs, LogoutURI: in.LogoutURI, HomeURI: in.HomeURI,
		JWKS: in.JWKS, FollowsSwitch: in.FollowsSwitch, CreatedAt: models.At(tx.Now()), UpdatedAt: models.At(tx.Now())}
	kind, facts := event.ClientConnected, map[string]any{"kind": row.Kind, "redirect_uris": row.RedirectURIs}
	if was.Client == nil {
		err = tx.Create(&row).Error
	} else {
		kind = event.ClientChanged
		facts, err = change(tx, *was.Client, row)
	}
	if err != nil {
		return err
	}
	if err := keepHosts(tx, application, hosts); err != nil {
		return err
	}
	facts["hosts"] = hosts
	tx.Record(kind, store.About{ID: application, Name: was.Name, Company: store.Platform, Data: facts})
	tx.Notify("client:" + application)
	return nil
}

// change writes what a registration is now, and gives the data of its event.
func change(tx *store.Tx, was, row Client) (facts map[string]any, err error) {
	changes := map[string]any{"kind": row.Kind, "redirect_uris": row.RedirectURIs, "post_logout_uris": row.PostLogoutURIs,
		"logout_uri": row.LogoutURI, "home_uri": row.HomeURI, "jwks": row.JWKS, "follows_switch": row.FollowsSwitch}
	if facts, err = tx.Changed(was, changes); err != nil {
		return nil, err
	}
	changes["updated_at"] = row.UpdatedAt
	return facts, tx.Model(&Client{}).Where("application_id = ?", row.ApplicationID).Updates(changes).Error
}

// Load gives the registration of an application, as a draft that would leave it as
// it is; false where it has none. It runs in a transaction of the platform.
func Load(tx *store.Tx, application string) (in Draft, there bool, err error) {
	found, err := get(tx, application)
	if err != nil || found.Client == nil {
		return in, false, err
	}
	return found.Draft(), true, nil
}

// Draft is a registration as it can be changed.
func (c Connected) Draft() Draft {
	if c.Client == nil {
		return Draft{Kind: BySecret}
	}
	lines := func(list []string) string { return strings.Join(list, "\n") }
	return Draft{Kind: c.Client.Kind, RedirectURIs: lines(c.Client.Redirects()), PostLogoutURIs: lines(c.Client.PostLogouts()), HomeURI: c.Client.HomeURI,
		LogoutURI: c.Client.LogoutURI, JWKS: c.Client.JWKS, Hosts: lines(c.Hosts), FollowsSwitch: c.Client.FollowsSwitch}
}

// keepHosts makes these the hosts of a client. A host of another is refused.
func keepHosts(tx *store.Tx, application string, hosts []string) error {
	if err := tx.Where("application_id = ?", application).Delete(&Host{}).Error; err != nil {
		return err
	}
	for _, h := range hosts {
		made := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&Host{Host: h, ApplicationID: application})
		if made.Error != nil {
			return made.Error
		}
		if made.RowsAffected == 0 {
			wrong := models.FieldErrors{}
			wrong.Add("hosts", "client.error.taken", "Host", h)
			return wrong.Err()
		}
	}
	return nil
}

// Enable lets a client work that was disabled, and Disable stops one: it is told
// nothing any more, and its tokens are worth nothing until it is enabled again.
func (c *Clients) Enable(ctx context.Context, by models.Actor, application string) error {
	return c.turn(ctx, by, application, event.ClientEnabled)
}

// Disable is the opposite of Enable.
func (c *Clients) Disable(ctx context.Context, by models.Actor, application string) error {
	return c.turn(ctx, by, application, event.ClientDisabled)
}

func (c *Clients) turn(ctx context.Context, by models.Actor, application, kind string) error {
	return c.store.Write(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		was, err := get(tx, application)
		if err != nil {
			return err
		}
		if was.Client == nil {
			return models.Unknown()
		}
		if (was.Client.DisabledAt == nil) == (kind == event.ClientEnabled) {
			tx.NothingToRecord() // it is so already
			return nil
		}
		var at *models.Instant
		if kind == event.ClientDisabled {
			now := models.At(tx.Now())
			at = &now
		}
		tx.Record(kind, store.About{ID: application, Name: was.Name, Company: store.Platform})
		tx.Notify("client:" + application)
		return tx.Model(&Client{}).Where("application_id = ?", application).Update("disabled_at", at).Error
	})
}

// ByID gives a client that works; models.Unknown where there is none.
func (c *Clients) ByID(ctx context.Context, id string) (Client, error) {
	return c.recall(knownBy{id: id}, func() (row Client, err error) {
		return row, c.store.SystemRead(ctx, "a connected application", func(tx *store.Tx) error {
			return missing(tx.Where("application_id = ? AND disabled_at IS NULL", id).Take(&row).Error)
		})
	})
}

// ByHost gives the client for whose host, with its port where it has one, a proxy
// asks; models.Unknown where there is none.
func (c *Clients) ByHost(ctx context.Context, host string) (Client, error) {
	return c.recall(knownBy{host: host}, func() (row Client, err error) {
		return row, c.store.SystemRead(ctx, "the application of a host", func(tx *store.Tx) error {
			var h Host
			if err := tx.Where("host = ?", host).Take(&h).Error; err != nil {
				return missing(err)
			}
			return missing(tx.Where("application_id = ? AND disabled_at IS NULL", h.ApplicationID).Take(&row).Error)
		})
	})
}

// Name is what people call a connected application.
func (c *Clients) Name(ctx context.Context, id string) (name string, err error) {
	err = c.store.SystemRead(ctx, "the name of an application", func(tx *store.Tx) error {
		var row tenancy.Application
		err := tx.Where("id = ?", id).Take(&row).Error
		name = row.Name
		return missing(err)
	})
	return name, err
}

// recall reads a client, unless that was done just now.
func (c *Clients) recall(key knownBy, read func() (Client, error)) (Client, error) {
	now := c.store.Now()
	c.mu.Lock()
	held, there := c.known[key]
	changes := c.changes
	c.mu.Unlock()
	if there && now.Before(held.until) {
		if held.client == nil {
			return Client{}, models.Unknown()
		}
		return *held.client, nil
	}
	row, err := read()
	held = known{until: now.Add(trusted)}
	switch {
	case err == nil:
		held.client = &row
	case models.KindOf(err) != models.NotFound:
		return Client{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if changes != c.changes {
		return row, err // something changed while this was read: it may be old already
	}
	if len(c.known) > 10_000 { // whoever asks for names that nobody has must not fill the memory
		clear(c.known)
	}
	c.known[key] = held
	return row, err
}

// Authenticate is the client with this id that holds this secret;
// models.Unauthenticated where there is none, without telling which of the two
// is wrong.
func (c *Clients) Authenticate(ctx context.Context, id, text string) (Shown, error) {
	row, err := c.ByID(ctx, id)
	if models.KindOf(err) == models.NotFound && err != nil || err == nil && row.Kind != BySecret {
		return Shown{}, refused()
	}
	if err != nil {
		return Shown{}, err
	}
	hash, now := secret.Hash(text), c.store.Now()
	c.mu.Lock()
	held, changes := c.right[[2]string{id, hash}], c.changes
	c.mu.Unlock()
	if now.Before(held.until) {
		return Shown{row, held.secret}, nil
	}
	var live Secret
	err = c.store.SystemRead(ctx, "the secret of a connected application", func(tx *store.Tx) error {
		return missing(tx.Where("application_id = ? AND secret_hash = ? AND revoked_at IS NULL", id, hash).Take(&live).Error)
	})
	if models.KindOf(err) == models.NotFound && err != nil {
		return Shown{}, refused()
	}
	if err != nil {
		return Shown{}, err
	}
	c.remember([2]string{id, hash}, rightly{live.ID, now.Add(trusted)}, changes)
	return Shown{row, live.ID}, c.used(ctx, live)
}

func refused() error { return models.Fail(models.Unauthenticated, "client.error.credentials") }

// remember keeps for a moment that a secret was right, unless something changed
// while that was found out.
func (c *Clients) remember(key [2]string, found rightly, changes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if changes != c.changes {
		return
	}
	if len(c.right) > 10_000 {
		clear(c.right)
	}
	c.right[key] = found
}

// used notes to the minute when a secret was used, without a word in the trail.
func (c *Clients) used(ctx context.Context, live Secret) error {
	now := c.store.Now()
	if live.LastUsedAt != nil && now.Sub(live.LastUsedAt.Time) < time.Minute {
		return nil
	}
	return c.store.System(ctx, "a client's secret was used", func(tx *store.Tx) error {
		tx.NothingToRecord()
		return tx.Model(&Secret{}).Where("id = ?", live.ID).Update("last_used_at", models.At(now)).Error
	})
}
