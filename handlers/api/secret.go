package api

import (
	"net/http"

	"locum/handlers/web"
	"locum/models"
	"locum/models/event"
	"locum/models/feed"
	"locum/models/vault"
)

const secretsPath = "/v1/secrets"

// secretShape is a secret as machines read it: everything but its value.
type secretShape struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Note      string          `json:"note"`
	Kind      vault.Kind      `json:"kind"`
	Version   int             `json:"version"`
	Algorithm *string         `json:"algorithm"`
	PublicKey *string         `json:"public_key"`
	ExpiresAt *models.Instant `json:"expires_at"`
	CreatedBy string          `json:"created_by"`
	CreatedAt models.Instant  `json:"created_at"`
	ChangedAt models.Instant  `json:"changed_at"`
}

func shownSecret(d vault.Detail) secretShape {
	now := d.Current()
	return secretShape{ID: d.ID, Name: d.Name, Note: d.Note, Kind: d.Kind, Version: d.Version, Algorithm: text(now.Algorithm), PublicKey: text(now.PublicKey),
		ExpiresAt: d.ExpiresAt, CreatedBy: d.MadeByName, CreatedAt: d.CreatedAt, ChangedAt: d.ChangedAt}
}

func (p *Pages) secrets(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadSecrets)
	if err != nil {
		return web.Response{}, err
	}
	query, err := queryOf(r, "after", "limit")
	if err != nil {
		return web.Response{}, err
	}
	found, more, err := p.on.Vault.Part(r.Context(), by, vault.Part{After: query.Get("after"), Limit: limit(query)})
	if err != nil {
		return web.Response{}, err
	}
	rows, next := []secretShape{}, query.Get("after")
	for _, d := range found {
		rows, next = append(rows, shownSecret(d)), d.ID
	}
	return web.JSON(http.StatusOK, listed{rows, next, more}), nil
}

func (p *Pages) secret(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadSecrets)
	if err != nil {
		return web.Response{}, err
	}
	if _, err := queryOf(r); err != nil {
		return web.Response{}, err
	}
	return p.kept(r, by, r.PathValue("id"))
}

// kept shows one secret.
func (p *Pages) kept(r *web.Request, by models.Actor, id string) (web.Response, error) {
	one, err := p.on.Vault.Get(r.Context(), by, id)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, shownSecret(one)), nil
}

// keptAnew shows a secret that was made, with its address.
func (p *Pages) keptAnew(r *web.Request, by models.Actor, id string) (web.Response, error) {
	one, err := p.on.Vault.Get(r.Context(), by, id)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusCreated, shownSecret(one)).Header("Location", secretsPath+"/"+id), nil
}

// gone says that a secret was removed.
func (p *Pages) gone(_ *web.Request, _ models.Actor, id string) (web.Response, error) {
	return web.JSON(http.StatusOK, map[string]any{"id": id, "removed": true}), nil
}

// What can be changed of a secret.
var (
	keeping   = change{feed.WriteSecrets, []string{event.SecretCreated}, (*Pages).keptAnew}
	replacing = change{feed.WriteSecrets, []string{event.SecretReplaced}, (*Pages).kept}
	removing  = change{feed.WriteSecrets, []string{event.SecretRemoved}, (*Pages).gone}
)

// makeSecret keeps a secret, by the same rules as the screen.
func (p *Pages) makeSecret(r *web.Request) (web.Response, error) {
	var in struct {
		Name      string     `json:"name"`
		Note      string     `json:"note"`
		Kind      vault.Kind `json:"kind"`
		Value     string     `json:"value"`
		Algorithm string     `json:"algorithm"`
		ExpiresOn string     `json:"expires_on"`
	}
	return p.change(r, keeping, &in, func(by models.Actor) (string, error) {
		made, err := p.on.Vault.Make(r.Context(), by, vault.Draft{Name: in.Name, Note: in.Note, Kind: in.Kind, Value: in.Value, Algorithm: in.Algorithm, Date: in.ExpiresOn})
		return made.ID, inBody(err)
	})
}

// replaceSecret gives a secret another value. The version is the one that was
// read; without one any is replaced.
func (p *Pages) replaceSecret(r *web.Request) (web.Response, error) {
	var in struct {
		Version   int    `json:"version"`
		Value     string `json:"value"`
		Algorithm string `json:"algorithm"`
		ExpiresOn string `json:"expires_on"`
	}
	return p.change(r, replacing, &in, func(by models.Actor) (string, error) {
		made, err := p.on.Vault.Replace(r.Context(), by, r.PathValue("id"), in.Version, vault.Draft{Value: in.Value, Algorithm: in.Algorithm, Date: in.ExpiresOn})
		return made.ID, inBody(err)
	})
}

// inBody calls a field as the body does, and not as the form.
func inBody(err error) error {
	wrong, rejected := web.Wrong(err)
	if date, there := wrong["date"]; rejected && there {
		delete(wrong, "date")
		wrong["expires_on"] = date
		return wrong.Err()
	}
	return err
}

func (p *Pages) removeSecret(r *web.Request) (web.Response, error) {
	return p.change(r, removing, &struct{}{}, func(by models.Actor) (string, error) {
		removed, err := p.on.Vault.Remove(r.Context(), by, r.PathValue("id"))
		return removed.ID, err
	})
}

// revealed is a value, for the machine that uses it.
type revealed struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Kind      vault.Kind      `json:"kind"`
	Version   int             `json:"version"`
	Value     string          `json:"value"`
	PublicKey *string         `json:"public_key"`
	ExpiresAt *models.Instant `json:"expires_at"`
}

// revealSecret gives a value away. It changes nothing, and so takes no key: asked
// again it is recorded again.
func (p *Pages) revealSecret(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.UseSecrets)
	if err != nil {
		return web.Response{}, err
	}
	var in struct {
		Version int `json:"version"`
	}
	if _, err := bodyOf(r, &in); err != nil {
		return web.Response{}, err
	}
	given, err := p.on.Vault.Use(r.Context(), by, r.PathValue("id"), in.Version)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, revealed{ID: given.ID, Name: given.Name, Kind: given.Kind, Version: given.Of.Number, Value: given.Text,
		PublicKey: text(given.Of.PublicKey), ExpiresAt: given.Of.ExpiresAt}).Header("Cache-Control", "no-store"), nil
}
