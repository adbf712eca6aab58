package vault

import (
	"slices"
	"strconv"
	"time"

	"locum/handlers/web"
	"locum/models"
	"locum/models/vault"
	"locum/views/ui"
	views "locum/views/vault"
)

// draft decodes the form of a secret.
func draft(r *web.Request) vault.Draft {
	in := vault.Draft{Name: r.PostFormValue("name"), Note: r.PostFormValue("note"), Kind: vault.Kind(r.PostFormValue("kind")), Value: r.PostFormValue("value"),
		Algorithm: r.PostFormValue("algorithm"), Date: r.PostFormValue("date")}
	if in.Algorithm == views.Pasted {
		in.Algorithm = ""
	}
	return in
}

func (p *Pages) newForm(r *web.Request) (web.Response, error) {
	kind := vault.Kind(r.URL.Query().Get("kind"))
	if !slices.Contains(vault.Kinds, kind) {
		kind = vault.Text
	}
	return web.Page(views.SecretForm(views.Form{Task: views.ToMake, Draft: vault.Draft{Kind: kind, Algorithm: vault.Ed25519}})), nil
}

func (p *Pages) make(r *web.Request) (web.Response, error) {
	in := draft(r)
	made, err := p.vault.Make(r.Context(), r.Actor, in)
	if wrong, ok := web.Wrong(err); ok {
		return web.Invalid(views.SecretForm(views.Form{Task: views.ToMake, Draft: in, Wrong: wrong})), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(views.Path+"/"+made.ID, "vault.made", "Name", made.Name), nil
}

func (p *Pages) replaceForm(r *web.Request) (web.Response, error) {
	page, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	algorithm := vault.Ed25519
	if now := page.Current().Algorithm; slices.Contains(vault.Algorithms, now) {
		algorithm = now
	}
	return web.Page(views.SecretForm(views.Form{Task: views.ToReplace, Saved: &page.Secret, Draft: vault.Draft{Kind: page.Kind, Algorithm: algorithm}})), nil
}

func (p *Pages) replace(r *web.Request) (web.Response, error) {
	in := draft(r)
	version, _ := strconv.Atoi(r.PostFormValue("version")) // none takes any
	changed, err := p.vault.Replace(r.Context(), r.Actor, r.PathValue("secret"), version, in)
	if wrong, ok := web.Wrong(err); ok {
		return p.again(r, views.Form{Task: views.ToReplace, Draft: in, Wrong: wrong})
	}
	if models.KeyOf(err) == vault.KeyReplaced {
		return web.Redirect(views.Path+"/"+r.PathValue("secret"), vault.KeyReplaced).Tone(ui.Bad), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(views.Path+"/"+changed.ID, "vault.replaced", "Name", changed.Name), nil
}

func (p *Pages) editForm(r *web.Request) (web.Response, error) {
	page, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	zone, err := time.LoadLocation(r.Actor.Effective.TimeZone)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.SecretForm(views.Form{Task: views.ToChange, Saved: &page.Secret,
		Draft: vault.Draft{Name: page.Name, Note: page.Note, Kind: page.Kind, Date: page.LastDay(zone)}})), nil
}

func (p *Pages) edit(r *web.Request) (web.Response, error) {
	in := draft(r)
	changed, err := p.vault.Change(r.Context(), r.Actor, r.PathValue("secret"), in)
	if wrong, ok := web.Wrong(err); ok {
		return p.again(r, views.Form{Task: views.ToChange, Draft: in, Wrong: wrong})
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(views.Path+"/"+changed.ID, "vault.saved", "Name", changed.Name), nil
}

// again shows a form of a secret that is there, with what was wrong in it.
func (p *Pages) again(r *web.Request, f views.Form) (web.Response, error) {
	page, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	f.Saved, f.Kind = &page.Secret, page.Kind
	return web.Invalid(views.SecretForm(f)), nil
}

func (p *Pages) askRemove(r *web.Request) (web.Response, error) {
	page, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Remove(page)), nil
}

func (p *Pages) remove(r *web.Request) (web.Response, error) {
	gone, err := p.vault.Remove(r.Context(), r.Actor, r.PathValue("secret"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(views.Path, "vault.removed", "Name", gone.Name), nil
}

func (p *Pages) askRestore(r *web.Request) (web.Response, error) {
	page, of, err := p.version(r, r.PathValue("version"))
	if err != nil {
		return web.Response{}, err
	}
	if page.Version == of.Number || of.RemovedAt != nil {
		return web.Redirect(views.Path+"/"+page.ID, ""), nil // another tab was quicker
	}
	return web.Page(views.Restore(page, of)), nil
}

func (p *Pages) restore(r *web.Request) (web.Response, error) {
	changed, err := p.vault.Restore(r.Context(), r.Actor, r.PathValue("secret"), number(r.PathValue("version")))
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(views.Path+"/"+changed.ID, "vault.restored", "Name", changed.Name), nil
}

func (p *Pages) askRemoveVersion(r *web.Request) (web.Response, error) {
	page, of, err := p.version(r, r.PathValue("version"))
	if err != nil {
		return web.Response{}, err
	}
	if page.Version == of.Number || of.RemovedAt != nil {
		return web.Redirect(views.Path+"/"+page.ID, ""), nil
	}
	return web.Page(views.RemoveVersion(page, of)), nil
}

func (p *Pages) removeVersion(r *web.Request) (web.Response, error) {
	changed, err := p.vault.RemoveVersion(r.Context(), r.Actor, r.PathValue("secret"), number(r.PathValue("version")))
	if models.KindOf(err) == models.Conflict { // it became the current one meanwhile
		return web.Redirect(views.Path+"/"+r.PathValue("secret"), ""), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(views.Path+"/"+changed.ID, "vault.version_removed"), nil
}
