package provisioning

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"locum/handlers/web"
	"locum/models"
	"locum/models/federation"
	views "locum/views/provisioning"
	"locum/views/ui"
)

// connections shows the company's connections to identity providers.
func (p *Pages) connections(r *web.Request) (web.Response, error) {
	return p.signOnPage(r, views.Connections{}, http.StatusOK)
}

// signOnPage is the page with the connections; what was typed stays.
func (p *Pages) signOnPage(r *web.Request, page views.Connections, status int) (web.Response, error) {
	list, err := p.Federation.Connections(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	page.Manages, page.HandsOver = r.Actor.May(models.ManageConnections), r.Actor.May(models.HandOverSetUp)
	page.Now, page.Warnings.Now = r.Now, r.Now
	if page.Manages {
		if page.Warnings.Connections, err = p.Federation.Health(r.Context(), r.Actor); err != nil {
			return web.Response{}, err
		}
	}
	if r.Actor.May(models.ManageConnectors) {
		if page.Warnings.Rules, err = p.Connectors.Warnings(r.Context(), r.Actor); err != nil {
			return web.Response{}, err
		}
	}
	if len(page.Wrong) == 0 && page.Manages {
		hours, err := p.Companies.Silence(r.Context(), r.Actor)
		if err != nil {
			return web.Response{}, err
		}
		page.SilentHours = strconv.Itoa(hours)
	}
	page.MayName, page.InBreakGlass = r.Actor.May(models.ManageCompany) && r.Actor.BreakGlass == nil, r.Actor.BreakGlass != nil
	if page.Manages && r.Actor.May(models.ViewCompany) {
		if page.Managers, err = p.Companies.BreakGlass(r.Context(), r.Actor); err != nil {
			return web.Response{}, err
		}
	}
	if r.Actor.May(models.ManageDomains) {
		domains, err := p.Federation.Domains(r.Context(), r.Actor)
		if err != nil {
			return web.Response{}, err
		}
		page.Required = required(domains)
	}
	for _, c := range list {
		shown, err := shownTo(r, c)
		if err != nil {
			return web.Response{}, err
		}
		page.List = append(page.List, shown)
	}
	return web.Status(status, views.SignOn(page)), nil
}

// setSilence chooses after how many hours the managers are told that nobody
// signs in.
func (p *Pages) setSilence(r *web.Request) (web.Response, error) {
	typed := strings.TrimSpace(r.FormValue("silent_hours"))
	hours, err := strconv.Atoi(typed)
	if err != nil {
		hours = -1 // no number is none that can be chosen
	}
	err = p.Companies.SetSilence(r.Context(), r.Actor, hours)
	if fields, refused := web.Wrong(err); refused {
		return p.signOnPage(r, views.Connections{SilentHours: typed, Wrong: fields}, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/company/single-sign-on", "sso.silence.saved"), nil
}

// shownTo adds the addresses under which Locum serves the connection.
func shownTo(r *web.Request, c federation.Connection) (views.Connection, error) {
	trusted, err := c.Trusted()
	base := "/saml/" + c.ID
	return views.Connection{Connection: c, Trusted: trusted, EntityID: r.Absolute(base + "/metadata"),
		ACS: r.Absolute(base + "/acs"), Metadata: r.Absolute(base + "/metadata")}, err
}

func (p *Pages) newConnection(r *web.Request) (web.Response, error) {
	return web.Page(views.Connect(views.ConnectionForm{Now: r.Now})), nil
}

// connect makes a connection out of a name and metadata.
func (p *Pages) connect(r *web.Request) (web.Response, error) {
	form := views.ConnectionForm{Name: r.FormValue("name"), Address: r.FormValue("address"), Metadata: r.FormValue("metadata"), Now: r.Now}
	provider, err := p.provider(r)
	var made federation.Connection
	if err == nil {
		made, err = p.Federation.Connect(r.Context(), r.Actor, federation.Draft{Name: form.Name, Provider: provider})
	}
	if fields, refused := web.Wrong(err); refused {
		form.Wrong = fields
		if strings.TrimSpace(form.Name) == "" {
			form.Wrong.Add("name", "error.required")
		}
		return web.Invalid(views.Connect(form)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/company/single-sign-on", "sso.connected", "Name", made.Name), nil
}

// provider reads the metadata of a form: the file, or else what was pasted, or
// else what the address gives.
func (p *Pages) provider(r *web.Request) (federation.Provider, error) {
	document := []byte(r.FormValue("metadata"))
	file, _, err := r.FormFile("file")
	switch {
	case err == nil:
		defer file.Close()
		uploaded, err := io.ReadAll(file)
		if err != nil {
			return federation.Provider{}, err
		}
		if len(uploaded) > 0 { // an empty field comes as an empty file
			document = uploaded
		}
	case !errors.Is(err, http.ErrMissingFile) && !errors.Is(err, http.ErrNotMultipart):
		return federation.Provider{}, err
	}
	if len(strings.TrimSpace(string(document))) == 0 {
		if address := strings.TrimSpace(r.FormValue("address")); address != "" {
			return p.Fetch(r.Context(), address)
		}
		missing := models.FieldErrors{}
		missing.Add("metadata", "sso.error.metadata_missing")
		return federation.Provider{}, missing.Err()
	}
	return p.Describe(document, r.Now)
}

// connection shows the page on which one is changed.
func (p *Pages) connection(r *web.Request) (web.Response, error) {
	return p.connectionPage(r, views.ConnectionForm{}, http.StatusOK)
}

// connectionPage shows the forms of a connection; what was typed stays.
func (p *Pages) connectionPage(r *web.Request, form views.ConnectionForm, status int) (web.Response, error) {
	c, err := p.Federation.Get(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	if c.Unfinished() {
		return web.Redirect(setUpPath(c.ID), ""), nil
	}
	form.Manages = r.Actor.May(models.ManageConnections)
	form.Explains = form.Manages && r.Actor.May(models.ManageConnectors)
	shown, err := shownTo(r, c)
	if err != nil {
		return web.Response{}, err
	}
	if form.Wrong["name"].Key == "" {
		form.Name = c.Name
	}
	if !r.Form.Has("address") {
		form.Address = c.MetadataURL
	}
	if form.Keys, err = p.Federation.OurKeys(r.Context(), r.Actor, c.ID); err != nil {
		return web.Response{}, err
	}
	form.Saved, form.Now = &shown, r.Now
	return web.Status(status, views.ChangeConnection(form)), nil
}

func (p *Pages) rename(r *web.Request) (web.Response, error) {
	c, err := p.Federation.Rename(r.Context(), r.Actor, r.PathValue("id"), r.FormValue("name"))
	if fields, refused := web.Wrong(err); refused {
		return p.connectionPage(r, views.ConnectionForm{Name: r.FormValue("name"), Wrong: fields}, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/company/single-sign-on", "sso.renamed", "Name", c.Name), nil
}

// takeUp replaces the provider's metadata.
func (p *Pages) takeUp(r *web.Request) (web.Response, error) {
	provider, err := p.provider(r)
	var c federation.Connection
	if err == nil {
		c, err = p.Federation.TakeUp(r.Context(), r.Actor, r.PathValue("id"), provider)
	}
	if fields, refused := web.Wrong(err); refused {
		return p.connectionPage(r, views.ConnectionForm{Address: r.FormValue("address"), Metadata: r.FormValue("metadata"), Wrong: fields}, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/company/single-sign-on", "sso.replaced", "Name", c.Name), nil
}

// reread reads the metadata at its address now. The page shows why it cannot be
// read, as it would after the daily reading.
func (p *Pages) reread(r *web.Request) (web.Response, error) {
	at := "/company/single-sign-on/" + r.PathValue("id")
	c, err := p.Federation.Reread(r.Context(), r.Actor, r.PathValue("id"), p.Fetch)
	if _, refused := web.Wrong(err); refused {
		return web.Redirect(at, "sso.reread_failed", "Name", c.Name).Tone(ui.Bad), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(at, "sso.reread", "Name", c.Name), nil
}

// askDisable asks before nobody can sign in through a connection.
func (p *Pages) askDisable(r *web.Request) (web.Response, error) {
	c, err := p.Federation.Get(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	if !c.Enabled {
		return web.Redirect("/company/single-sign-on", ""), nil
	}
	return web.Page(views.DisableConnection(c)), nil
}

func (p *Pages) enable(r *web.Request) (web.Response, error) {
	on := r.FormValue("enabled") == "yes"
	c, err := p.Federation.Enable(r.Context(), r.Actor, r.PathValue("id"), on)
	if err != nil {
		return web.Response{}, err
	}
	if on {
		return web.Redirect("/company/single-sign-on", "sso.enabled", "Name", c.Name), nil
	}
	return web.Redirect("/company/single-sign-on", "sso.disabled", "Name", c.Name), nil
}
