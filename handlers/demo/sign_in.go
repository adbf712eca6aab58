package demo

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/crewjam/saml"
)

// asked answers a browser that a service provider sent: the page to choose
// who to be.
func (p *IdentityProvider) asked(w http.ResponseWriter, r *http.Request, t Tenant) {
	asked, wrong := p.readAsking(r, t)
	if wrong != "" {
		refuse(w, http.StatusBadRequest, "This request gets no answer", string(wrong))
		return
	}
	if asked.Passive {
		p.sayNo(w, answer{tenant: t, asked: asked}, saml.StatusNoPassive)
		return
	}
	choose(w, t, asked)
}

// unasked shows the same page with no request behind it (IdP-initiated), so
// that the hub's refusal can be tried.
func (p *IdentityProvider) unasked(w http.ResponseWriter, r *http.Request, t Tenant) {
	asked, wrong := p.carriedAsking(r, t)
	if wrong != "" {
		refuse(w, http.StatusBadRequest, "Nowhere to go", string(wrong))
		return
	}
	choose(w, t, asked)
}

func choose(w http.ResponseWriter, t Tenant, asked asking) {
	render(w, http.StatusOK, "choose", map[string]any{"Tenant": t, "Asked": asked, "Host": hostOf(asked.SP.ACS)})
}

// hostOf is what people recognise of an address.
func hostOf(address string) string {
	_, host, _ := strings.Cut(origin(address), "://")
	return host
}

// field is one attribute on the page where it can be changed.
type field struct {
	Name, Wire, Text string
	Sent             bool
	Rows             int
}

// change shows one persona's attributes as text, one value on a line.
func (p *IdentityProvider) change(w http.ResponseWriter, r *http.Request, t Tenant) {
	asked, persona, ok := p.chosen(w, r, t)
	if !ok {
		return
	}
	names := slices.Clone(standardAttributes)
	for _, name := range persona.names() {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	var fields []field
	for _, name := range names {
		values, sent := persona.Attributes[name]
		rows := max(1, len(values))
		if name == "groups" {
			rows = max(4, len(values)+1)
		}
		fields = append(fields, field{name, t.wireName(name), strings.Join(values, "\n"), sent, rows})
	}
	render(w, http.StatusOK, "change", map[string]any{
		"Tenant": t, "Asked": asked, "Persona": persona, "Fields": fields, "Faults": faultChoices,
		"Host": hostOf(asked.SP.ACS),
	})
}

// chosen reads who asked and who was chosen, and refuses what does not exist.
func (p *IdentityProvider) chosen(w http.ResponseWriter, r *http.Request, t Tenant) (asking, Persona, bool) {
	asked, wrong := p.carriedAsking(r, t)
	if wrong != "" {
		refuse(w, http.StatusBadRequest, "This request gets no answer", string(wrong))
		return asking{}, Persona{}, false
	}
	persona, found := t.find(r.FormValue("persona"))
	if !found {
		refuse(w, http.StatusBadRequest, "Nobody was chosen", "Go back and choose somebody from the list.")
		return asking{}, Persona{}, false
	}
	return asked, persona, true
}

// signIn posts the response for the chosen persona, with the attributes as
// they stand or as they were changed.
func (p *IdentityProvider) signIn(w http.ResponseWriter, r *http.Request, t Tenant) {
	asked, persona, ok := p.chosen(w, r, t)
	if !ok {
		return
	}
	a := answer{
		tenant: t, asked: asked, persona: persona, attributes: readAttributes(r, persona),
		faults: readFaults(r.Form["fault"]), session: newID(),
	}
	var message string
	if a.faults.has(faultReplay) {
		if message = p.lastMessage(t, asked.SP); message == "" {
			refuse(w, http.StatusConflict, "Nothing to replay yet", "Sign in once without faults, then replay that response.")
			return
		}
	} else {
		content, err := p.response(a)
		if err != nil {
			refuse(w, http.StatusInternalServerError, "No response", "The response cannot be written.")
			return
		}
		message = base64.StdEncoding.EncodeToString(content)
		p.remember(a, message)
	}
	p.send(w, a, message, r.FormValue("pause") != "")
}

// readAttributes takes the form's attributes, or the persona's own where the
// form that changes them was not used.
func readAttributes(r *http.Request, persona Persona) []attribute {
	if r.FormValue("changed") == "" {
		var own []attribute
		for _, name := range persona.names() {
			own = append(own, attribute{name, persona.Attributes[name]})
		}
		return own
	}
	var given []attribute
	for _, name := range r.Form["attribute"] {
		if r.FormValue("send."+name) != "" {
			given = append(given, attribute{name, lines(r.FormValue("values." + name))})
		}
	}
	if name := strings.TrimSpace(r.FormValue("extra.name")); name != "" {
		given = append(given, attribute{name, lines(r.FormValue("extra.values"))})
	}
	return given
}

// lines are the values of a text: one on each line, blank ones left out.
func lines(text string) []string {
	var values []string
	for line := range strings.Lines(text) {
		if value := strings.TrimSpace(line); value != "" {
			values = append(values, value)
		}
	}
	return values
}

// decline answers that the person would rather not.
func (p *IdentityProvider) decline(w http.ResponseWriter, r *http.Request, t Tenant) {
	asked, wrong := p.carriedAsking(r, t)
	if wrong != "" {
		refuse(w, http.StatusBadRequest, "This request gets no answer", string(wrong))
		return
	}
	p.sayNo(w, answer{tenant: t, asked: asked}, saml.StatusAuthnFailed)
}

func (p *IdentityProvider) sayNo(w http.ResponseWriter, a answer, second string) {
	content, err := p.refusal(a, second)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "No response", "The response cannot be written.")
		return
	}
	p.send(w, a, base64.StdEncoding.EncodeToString(content), false)
}

// send writes the page that posts a response to the service provider: at once
// with script, by its button without, and only by its button when paused.
func (p *IdentityProvider) send(w http.ResponseWriter, a answer, message string, paused bool) {
	content, err := base64.StdEncoding.DecodeString(message)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "No response", "The response cannot be read back.")
		return
	}
	render(w, http.StatusOK, "continue", map[string]any{
		"Tenant": a.tenant, "Asked": a.asked, "Persona": a.persona, "Message": message, "Paused": paused,
		"Faults": a.faults, "Host": hostOf(a.asked.SP.ACS), "Shown": indented(content),
	}, origin(a.asked.SP.ACS))
}

// indented is XML to be read by people; the bytes that are sent stay as signed.
func indented(content []byte) string {
	var shown bytes.Buffer
	decoder, encoder := xml.NewDecoder(bytes.NewReader(content)), xml.NewEncoder(&shown)
	encoder.Indent("", "  ")
	for {
		token, err := decoder.RawToken()
		if err == io.EOF {
			break
		}
		if err != nil || encoder.EncodeToken(rawNames(token)) != nil {
			return string(content)
		}
	}
	if encoder.Flush() != nil {
		return string(content)
	}
	return shown.String()
}

// rawNames keeps prefixes as written, because the encoder would otherwise take
// them for namespaces and declare them again.
func rawNames(token xml.Token) xml.Token {
	flat := func(name xml.Name) xml.Name {
		if name.Space == "" {
			return name
		}
		return xml.Name{Local: name.Space + ":" + name.Local}
	}
	switch element := token.(type) {
	case xml.StartElement:
		element.Name = flat(element.Name)
		for i := range element.Attr {
			element.Attr[i].Name = flat(element.Attr[i].Name)
		}
		return element
	case xml.EndElement:
		element.Name = flat(element.Name)
		return element
	}
	return token
}
