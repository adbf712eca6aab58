package mail

import (
	"github.com/a-h/templ"

	"locum/models/mail"
)

// Mail programs know neither custom properties nor oklch, so the colours of
// the stylesheet's tokens stand here as fixed values; a test computes them
// again from the tokens.
const (
	accent   = "#2d55d0"
	fontFace = "font-family:-apple-system,BlinkMacSystemFont,Segoe UI,Roboto,Helvetica,Arial,sans-serif;"
	monoFace = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,Liberation Mono,monospace;"
)

// hues are the solid colours of the organizations, 1 to 8 (--tone-solid, light).
var hues = [...]string{"#00558b", "#005f69", "#006151", "#405b11", "#6d4a00", "#873400", "#842663", "#63388d"}

// bandColour is the colour of the band: the organization's, or the accent,
// which no organization has.
func bandColour(p mail.Place) string {
	if p.Hue < 1 || p.Hue > len(hues) {
		return accent
	}
	return hues[p.Hue-1]
}

func bandStyle(p mail.Place) templ.SafeCSS {
	return templ.SafeCSS("background:" + bandColour(p) + ";padding:11px 32px;" + fontFace +
		"font-size:13px;line-height:18px;color:#ffffff;font-weight:600;border-radius:9px 9px 0 0;")
}

// cell is a cell of the facts; all but the first have a line above.
func cell(first, label bool) templ.SafeCSS {
	style := fontFace + "font-size:13px;line-height:19px;overflow-wrap:anywhere;"
	if label {
		style += "padding:9px 14px;color:#4b4f5c;"
	} else {
		style += "padding:9px 14px 9px 0;color:#1b1e27;font-weight:500;"
	}
	if !first {
		style += "border-top:1px solid #e2e4ea;"
	}
	return templ.SafeCSS(style)
}

// The inline styles of the layout.
const (
	styleBody    templ.SafeCSS = "margin:0;padding:0;background:#f2f3f6;-webkit-text-size-adjust:100%;"
	styleHidden  templ.SafeCSS = "display:none;max-height:0;overflow:hidden;mso-hide:all;"
	styleBack    templ.SafeCSS = "background:#f2f3f6;"
	styleOuter   templ.SafeCSS = "padding:28px 12px;"
	styleCard    templ.SafeCSS = "max-width:600px;background:#ffffff;border:1px solid #e2e4ea;border-radius:10px;border-collapse:separate;overflow:hidden;"
	styleHead    templ.SafeCSS = "padding:28px 32px 0;" + fontFace + "color:#1b1e27;"
	styleTitle   templ.SafeCSS = "margin:0;font-size:21px;line-height:28px;font-weight:600;letter-spacing:-0.3px;color:#1b1e27;overflow-wrap:anywhere;"
	styleLead    templ.SafeCSS = "margin:10px 0 0;font-size:15px;line-height:23px;color:#4b4f5c;overflow-wrap:anywhere;"
	styleBlock   templ.SafeCSS = "padding:20px 32px 0;"
	styleFacts   templ.SafeCSS = "background:#f8f9fa;border:1px solid #e2e4ea;border-radius:8px;border-collapse:separate;"
	styleCode    templ.SafeCSS = "padding:18px 14px;" + monoFace + "font-size:30px;line-height:36px;font-weight:600;letter-spacing:2px;color:#1b1e27;-webkit-user-select:all;user-select:all;"
	styleNote    templ.SafeCSS = "padding:16px 32px 0;" + fontFace + "font-size:14px;line-height:22px;color:#4b4f5c;overflow-wrap:anywhere;"
	styleLast    templ.SafeCSS = "padding:22px 32px 30px;"
	styleGap     templ.SafeCSS = "padding:0 0 30px;font-size:0;line-height:0;"
	styleButton  templ.SafeCSS = "border-radius:7px;background:" + accent + ";"
	styleAction  templ.SafeCSS = "display:inline-block;padding:11px 18px;" + fontFace + "font-size:14px;line-height:18px;font-weight:600;color:#ffffff;text-decoration:none;"
	styleSecond  templ.SafeCSS = "padding-left:16px;" + fontFace + "font-size:14px;line-height:22px;"
	styleLink    templ.SafeCSS = "color:" + accent + ";font-weight:600;"
	styleWhy     templ.SafeCSS = "padding:16px 32px 18px;border-top:1px solid #e2e4ea;background:#f8f9fa;border-radius:0 0 9px 9px;" + fontFace + "font-size:12px;line-height:18px;color:#4b4f5c;overflow-wrap:anywhere;"
	styleSection templ.SafeCSS = "margin:0 0 8px;" + fontFace + "font-size:15px;line-height:22px;font-weight:600;color:#1b1e27;overflow-wrap:anywhere;"
	styleLinks   templ.SafeCSS = "margin:8px 0 0;" + fontFace + "font-size:13px;line-height:20px;"
	styleFoot    templ.SafeCSS = "margin:16px 0 0;" + fontFace + "font-size:12px;line-height:18px;color:#4b4f5c;"
)
