"""The rule of one screen: what of a page, as it is shown now, is not where it has to be."""

from data_room import PARTS, low_charts
from walking import choose, drawn

from dashboard.site_map import BY_STEM, COURSE

SIZES = {
    "desk": {"width": 1280, "height": 800},
    "phone": {"width": 390, "height": 844},
    "projector": {"width": 1280, "height": 720},
    "old projector": {"width": 1024, "height": 768},
    "large projector": {"width": 1920, "height": 1080},
}
PROJECTORS = [size for size in SIZES if "projector" in size]
QUERIES = {size: "?embed=true" if size in PROJECTORS else "" for size in SIZES}
ROOM = {"desk": 640, "phone": 700, "projector": 650}
"""Pixels that a control and its effect may take together."""
TOGETHER = {
    "overview": [".st-key-begin", ".st-key-overview_network", ".st-key-overview_another"],
    "train": [
        ".st-key-train",
        ".st-key-shortcut_units",
        ".st-key-stage_numbers",
        ".stage .curve.accuracy",
        ".stage .at-work",
    ],
    "draw": [".st-key-draw_answer", ".st-key-draw_pad"],
    "predict": [".st-key-predict_choice", ".st-key-predict_outputs"],
    "evaluate": [".st-key-confusion", ".contact-sheet figure", ".st-key-confusion_unit"],
    "inside": [".st-key-inside_tiles", ".st-key-beside_detail_neuron .stMarkdown"],
    "compare": [".st-key-compare_shown", ".st-key-compare_accuracies"],
    "code": [".st-key-setting_tabs_code", ".code .drawing", ".code .lines"],
}
"""What has to be seen at once, by the stem of a page."""
WHOLE = {"predict": ".st-key-chart_evidence_sum", "code": ".code .text"}
"""What a projector shows to its end, behind one of the parts of a page."""
ABOVE_THE_BAR = {"overview": ".st-key-overview_network .outputs b"}
"""What a phone shows above the bar that stays at its lower edge, before anything is scrolled."""
BAR = 62
"""Pixels of that bar."""
MOST_PINNED = 380
"""Pixels of what a phone keeps at its top: 45% of its height."""
LEAST_SEEN = 0.9
"""Of a picture, in one view with any control that changes it."""
NOT_AT_ONCE = {
    "train": "what the sliders set is drawn after the press of a button, which stays at the lower edge",
}
"""Pairs of which a phone does not show all with each control, and why."""
LITTLE_CUT = {"played": 0.75}
"""Of the network with its player above it, which is higher than what a phone has room for beside two rows."""
WITHIN = ("train", "pixel", "real_neuron")
"""Pairs of which a part is enough: that of the stage is named above, the others are several images, of which
a phone shows the last beside the controls."""
MEASURE = """
() => {
  const main = document.querySelector('[data-testid="stMain"]')
  const box = element => {
    const { top, bottom, left, height } = element.getBoundingClientRect()
    return { top: top + main.scrollTop, bottom: bottom + main.scrollTop, left, height }
  }
  const isSeen = element => element.checkVisibility() && element.getBoundingClientRect().height > 2
  const isOfThePage = element => !element.closest('.st-key-lecture, .st-key-present_bar, .st-key-section_row')
  const answering = '.stPlotlyChart, .stVegaLiteChart, .stBidiComponent, .stImage, .stDataFrame, ' +
    '.stSlider, .stButton, .stButtonGroup, .stTabs, .stSelectbox, .stTextInput, .stNumberInput, .stRadio'
  const first = [...main.querySelectorAll(answering)].filter(isSeen).filter(isOfThePage)
  const besides = [...main.querySelectorAll('[class*="st-key-beside_controls_"]')].filter(isSeen)
  const pairs = besides.map(controls => {
    const key = [...controls.classList].find(name => name.startsWith('st-key-beside_controls_')).slice(23)
    const picture = main.querySelector(`.st-key-beside_picture_${key}, .st-key-beside_pinned_${key}`)
    const isPinned = Boolean(picture?.className.includes('st-key-beside_pinned_'))
    return picture && { key, controls: box(controls), picture: box(picture), isPinned }
  }).filter(Boolean) // a picture of what the training process still computes is not there yet
  return {
    title: box(main.querySelector('h1')).top,
    sticksOut: main.scrollWidth - main.clientWidth,
    first: first.length ? Math.min(...first.map(element => box(element).top)) : null,
    pairs,
  }
}
"""
IN_ONE_VIEW = """
() => {
  const main = document.querySelector('[data-testid="stMain"]'), start = main.scrollTop
  const answer = main.querySelector('.st-key-draw_answer')?.clientHeight ?? 0 // which stays below the header
  const head = document.querySelector('.stAppHeader').getBoundingClientRect().bottom + answer
  const isSeen = element => element.checkVisibility() && element.getBoundingClientRect().height > 2
  const seen = (within, what) => [...within.querySelectorAll(what)].filter(isSeen)
  const bars = seen(document, '[class*="st-key-main_actions"]').map(bar => bar.getBoundingClientRect().top)
  const end = Math.min(innerHeight, ...bars)
  const box = element => element.getBoundingClientRect()
  const share = ({ top, bottom, height }) =>
    Math.max(0, Math.min(bottom, end) - Math.max(top, head)) / height
  const answering = '.stSlider, .stButtonGroup, .stSelectbox, .stButton, .stNumberInput, .stCheckbox'
  const drawn = '.stPlotlyChart, .stVegaLiteChart, .stImage, .stBidiComponent, .stDataFrame, .stTable'
  const pairs = seen(main, '[class*="st-key-beside_controls_"]').map(controls => {
    const key = [...controls.classList].find(name => name.startsWith('st-key-beside_controls_')).slice(23)
    const picture = main.querySelector(`.st-key-beside_picture_${key}, .st-key-beside_pinned_${key}`)
    if (!picture) return null // the training process still computes it
    const kept = seen(picture, '*').filter(element => getComputedStyle(element).position === 'sticky')
    const shown = kept.length ? kept : seen(picture, drawn)
    const inReach = control => !control.closest('[class*="st-key-main_actions"]') // at the lower edge, always
    const least = seen(controls, answering).filter(inReach).map(control => {
      let best = -1 // of all places to which one can scroll, the one where most is seen
      const { top, height } = box(control), place = top + main.scrollTop
      for (let y = place + height - end; y <= place - head; y += 12) {
        main.scrollTop = y
        const covered = Math.max(head, ...kept.map(box).filter(it => it.top < head + 12).map(it => it.bottom))
        if (box(control).top < covered - 1 || box(control).bottom > end + 1) continue
        best = Math.max(best, Math.min(1, ...shown.map(box).map(share)))
      }
      return [control.innerText.split('\\n')[0], best]
    })
    const pair = controls.closest('[class*="st-key-pair_"]')
    main.scrollTop += box(pair).bottom - head - 40
    const over = kept.map(box).filter(it => it.bottom > box(pair).bottom + 2).length
    main.scrollTop = start
    return { key, least, over, heights: kept.map(element => box(element).height) }
  })
  return pairs.filter(Boolean)
}
"""
"""Of each pair of a phone: how much of its picture is seen with each control, at best; how many
parts of it stay although the pair has ended; and how high they are."""
BOX = """
element => {
  const { top, bottom } = element.getBoundingClientRect()
  const scrolled = document.querySelector('[data-testid="stMain"]').scrollTop
  return { top: top + scrolled, bottom: bottom + scrolled }
}
"""
CUT = """
() => [...document.querySelectorAll('[data-testid="stMain"] .katex')].filter((formula) => {
  const ends = [...formula.querySelectorAll('.base')].map((part) => part.getBoundingClientRect())
  const left = Math.min(...ends.map((end) => end.left)), right = Math.max(...ends.map((end) => end.right))
  const signs = [...formula.querySelectorAll('.katex-html .mord')].filter((sign) => !sign.children.length)
    .map((sign) => sign.getBoundingClientRect()).filter((sign) => sign.height)
  const top = Math.min(...signs.map((sign) => sign.top))
  const bottom = Math.max(...signs.map((sign) => sign.bottom))
  for (let around = formula.parentElement; around; around = around.parentElement) {
    const box = around.getBoundingClientRect(), { overflowX, overflowY } = getComputedStyle(around)
    if (!box.width) continue
    const isWider = right > box.right + 1.5 || left < box.left - 1.5
    const isHigher = bottom > box.bottom + 0.5 || top < box.top - 0.5
    const cutsLines = overflowY === 'hidden' && around.matches('.katex-display')
    if ((overflowX !== 'visible' && isWider) || (cutsLines && isHigher)) return true
  }
  return false
}).map((formula) => formula.querySelector('annotation').textContent)
"""
"""The formulas of which something is cut away, as LaTeX."""
STICKS_OUT = """
() => [...document.querySelectorAll('[data-testid="stMain"] :is(p, h1, h2, button, img)')]
  .filter(element => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
  .map(element => [element.innerText, element.getBoundingClientRect()])
  .filter(([, box]) => box.width && box.right > innerWidth + 1).map(([text]) => text)
"""
"""The words of what sticks out on the right."""
LEAST_SLIDER = 120
"""Pixels of the slider of what plays."""
WIDTHS = "all => all.map(one => one.getBoundingClientRect().width)"
SMALL = """
least => [...document.querySelectorAll(
    '[data-testid="stApp"] :is(button, summary, [role="tab"], [data-testid="stRadioOption"], ' +
    '.stCheckbox label, [data-testid="stNumberInputContainer"], [data-testid="stTextInputRootElement"], ' +
    '.react-aria-ComboBox, [data-testid="stPageLink"] a)')]
  .filter(element => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
  .map(element => {
    const { height } = element.getBoundingClientRect(), around = getComputedStyle(element, '::after')
    const met = around.content === 'none' ? height : height - 2 * Math.min(0, parseFloat(around.top) || 0)
    return [element.innerText || element.getAttribute('aria-label') || element.className, height && met]
  })
  .filter(([, met]) => met > 2 && met < least).map(([name, met]) => `“${name}” is ${met.toFixed(0)} high`)
"""
NAMES_CUT = """
() => [...document.querySelectorAll('.stMain .js-plotly-plot :is(.xtitle, .ytitle)')].filter(name => {
  const box = name.getBoundingClientRect(), chart = name.closest('svg').getBoundingClientRect()
  return box.width && (box.left < chart.left - 1 || box.right > chart.right + 1
    || box.top < chart.top - 1 || box.bottom > chart.bottom + 1)
}).map(name => name.textContent)
"""
"""The names of axes that stick out of their charts."""
NAMES_OVER = """
() => [...document.querySelectorAll('.stMain .js-plotly-plot .xtitle')].filter(name => {
  const numbers = [...name.closest('.js-plotly-plot').querySelectorAll('.xtick text')]
    .map(number => number.getBoundingClientRect()).filter(({ height }) => height).map(({ bottom }) => bottom)
  const { top, width } = name.getBoundingClientRect()
  return width && top < Math.max(...numbers) - 4 // the air above a letter
}).map(name => name.textContent)
"""
"""The names of axes that stand in the row of their numbers."""
BARE_FIELDS = """
() => [...document.querySelectorAll('[data-testid="stMain"] .stNumberInput')]
  .filter(field => field.checkVisibility() && field.clientWidth && !field.querySelector('button'))
  .map(field => field.querySelector('label').textContent)
"""
"""The fields of numbers that are too narrow for their − and +."""
CUT_CAPTIONS = """
() => {
  const { scrollTop } = document.querySelector('[data-testid="stMain"]')
  return [...document.querySelectorAll('[data-testid="stMain"] [data-testid="stCaptionContainer"] p')]
    .filter(caption => caption.checkVisibility())
    .map(caption => [caption.innerText, caption.getBoundingClientRect()])
    .filter(([, { top, bottom }]) => top + scrollTop < innerHeight && bottom + scrollTop > innerHeight + 1)
    .map(([words]) => words)
}
"""
"""The captions of which the first screen shows a part."""
HEAD_IN_ORDER = """
() => {
  const row = document.querySelector('.st-key-section_row'), title = document.createRange()
  if (!row) return true
  title.selectNodeContents(document.querySelector('[data-testid="stMain"] h1'))
  const words = title.getBoundingClientRect()
  const ways = row.querySelector('.st-key-section_keys').getBoundingClientRect()
  const place = row.querySelector('[data-testid="stCaptionContainer"]').getBoundingClientRect()
  return place.top < ways.bottom && (words.right < ways.left || words.bottom < ways.top + 12) // half a line
}
"""
"""Whether the ways from a lesson's section to the others stand in one row, and not over the title."""
LEAST_TARGET = 43.5
"""Pixels of what a thumb meets, which are 44 before they are rounded."""
OPENS_BELOW = f"""
() => {{
  const {{ scrollTop, clientHeight, scrollHeight }} = document.querySelector('[data-testid="stMain"]')
  const {{ top }} = document.querySelector('{PARTS}').getBoundingClientRect()
  return top > innerHeight / 2 && scrollTop + clientHeight < scrollHeight - 2
}}
"""
"""Whether what a part shows begins in the lower half of a screen although the page could move up."""
VIEWS = '[data-testid="stMain"] [role="tab"], .st-key-testing_view button'
"""What shows another part of a section in the same place."""
SHOWN = f"""
() => {{
  const main = document.querySelector('[data-testid="stMain"]')
  const formulas = [...main.querySelectorAll('.katex-display')]
  return {{
    height: main.scrollHeight,
    wider: main.scrollWidth - document.documentElement.clientWidth,
    cut: [...({CUT.strip()})(), ...({NAMES_CUT.strip()})()],
    over: ({NAMES_OVER.strip()})(),
    bare: ({BARE_FIELDS.strip()})(),
    nFormulas: formulas.filter((formula) => formula.getBoundingClientRect().width > 0).length,
  }}
}}
"""
"""What is seen: its height, by how many pixels it is wider than the screen, its formulas, and what is cut of
them and of axes' names."""


def problems_of(page, stem, size):
    """What of a page, as it is shown now at a size, breaks the rule; sentences."""
    seen = page.evaluate(MEASURE)
    found = []
    if seen["title"] > 60:
        found.append(f"the title begins at {seen['title']:.0f}")
    if seen["sticksOut"] > 1:
        found.append(f"the page is {seen['sticksOut']} wider than the screen")
    first = None if BY_STEM[stem] in COURSE else seen["first"]
    if size == "desk" and first is not None and first > 200:
        found.append(f"the first picture or control begins at {first:.0f}")
    found += torn_pairs(seen["pairs"], size)
    if size == "phone" and stem in ABOVE_THE_BAR:
        end = page.locator(ABOVE_THE_BAR[stem]).first.evaluate(BOX)["bottom"]
        found += [f"what it reads ends at {end:.0f}"] if end > SIZES[size]["height"] - BAR else []
    if boxes := [page.locator(selector).first.evaluate(BOX) for selector in TOGETHER.get(stem, ())]:
        if size == "phone":  # the main button stays at the bottom
            boxes = [box for box in boxes if box["top"] < SIZES["phone"]["height"] - BAR]
        height = max(box["bottom"] for box in boxes) - min(box["top"] for box in boxes)
        if height > ROOM[size]:
            found.append(f"what belongs together takes {height:.0f}")
        end = max(box["bottom"] for box in boxes)
        if size in PROJECTORS and end > SIZES[size]["height"]:
            found.append(f"what belongs together ends at {end:.0f}")
    return found


def torn_pairs(pairs, size):
    """The pictures that are not seen with their controls; sentences."""
    found = []
    for pair in pairs:
        picture, controls = pair["picture"], pair["controls"]
        if picture["height"] > ROOM[size] and pair["key"] not in WITHIN:
            found.append(f"the picture of {pair['key']} is {picture['height']:.0f} high")
        if size != "phone" and abs(picture["top"] - controls["top"]) > 8:
            found.append(f"the picture of {pair['key']} does not begin beside its controls")
        if size == "phone" and not pair["isPinned"] and picture["top"] > controls["top"]:
            found.append(f"the picture of {pair['key']} comes below its controls")
    return found


def apart_on_a_phone(page):
    """The controls of a phone with which what they change is not seen, and what stays too large or long."""
    found = []
    for pair in page.evaluate(IN_ONE_VIEW):
        key, least = pair["key"], LITTLE_CUT.get(pair["key"], LEAST_SEEN)
        for control, seen in [] if key in NOT_AT_ONCE else pair["least"]:
            if seen < least:
                found.append(f"with “{control}” {max(seen, 0):.0%} of the picture of {key} are seen")
        high = max(pair["heights"], default=0)
        found += [f"the picture of {key}, which stays, is {high:.0f} high"] if high > MOST_PINNED else []
        found += [f"of {key} two pictures stay, one over the other"] if len(pair["heights"]) > 1 else []
        found += [f"the picture of {key} stays after its pair"] if pair["over"] else []
    return found


def parts_of(page, stem, size):
    """What breaks the rule behind each part and each tab of a page of the lab; sentences."""
    parts, found, first = page.locator(PARTS), [], TOGETHER.get(stem, ["h1"])[0]
    for number in range(max(1, parts.count())):
        if parts.count():
            choose(page, parts.nth(number))
        if number and page.evaluate(OPENS_BELOW):
            found.append(f"part {number} opens below the screen")
        tops = set()
        for _, seen in views_of(page):
            found += [f"part {number}: {fault}" for fault in too_wide(seen)]
            found += [*low_charts(page), *torn_pairs(page.evaluate(MEASURE)["pairs"], size)]
            if size in PROJECTORS and stem in WHOLE and (whole := page.locator(WHOLE[stem])).count():
                end = whole.evaluate(BOX)["bottom"]
                found += [f"{WHOLE[stem]} ends at {end:.0f}"] if end > SIZES[size]["height"] else []
            if size in PROJECTORS:
                cut = page.evaluate(CUT_CAPTIONS)
                found += [f"part {number}: the screen's edge cuts “{words}”" for words in cut]
            tops |= {page.locator(first).first.evaluate(BOX)["top"] if page.locator(first).count() else 0}
        if max(tops) - min(tops) > 1:
            found.append(f"behind a tab of part {number} the page moves by {max(tops) - min(tops):.0f}")
    return found


def small_targets(page):
    """What a phone shows and a thumb does not meet; sentences."""
    sliders = page.locator(".player .place >> visible=true").evaluate_all(WIDTHS)
    narrow = [f"the slider of a player is {width:.0f} wide" for width in sliders if width < LEAST_SLIDER]
    return page.evaluate(SMALL, LEAST_TARGET) + narrow


def cut_off(page, needed, sizes=PROJECTORS):
    """What is not whole in the first screen of a page at some sizes; sentences.

    Args:
        page: As it is shown, in the mode of these sizes.
        needed: Selectors; of each all that there are.
        sizes: Names of `SIZES`.
    """
    found = []
    for size in sizes:
        page.set_viewport_size(SIZES[size])
        drawn(page)
        for selector in needed:
            parts = page.locator(selector)
            boxes = [part.evaluate(BOX) for part in parts.all() if part.is_visible()]
            found += [] if boxes else [f"{size}: there is no {selector}"]
            ends = [box["bottom"] for box in boxes if box["bottom"] > SIZES[size]["height"]]
            found += [f"{size}: {selector} ends at {end:.0f}" for end in ends]
    return found


def views_of(page):
    """Look behind each tab of a page or section, or where it has none at what there is: number, `SHOWN`."""
    tabs = page.locator(VIEWS)
    n_tabs = tabs.count()
    for number in range(max(1, n_tabs)):
        if n_tabs:
            tabs.nth(number).click()
            drawn(page)
        yield number, page.evaluate(SHOWN)


def too_wide(seen):
    """What of a view sticks out, at the sides of the page or of what holds it; sentences."""
    found = [f"{formula} is cut" for formula in seen["cut"]]
    found += [f"{name} stands over the numbers of its axis" for name in seen["over"]]
    found += [f"the field “{label}” has no − and +" for label in seen["bare"]]
    if seen["wider"] > 0:
        found.append(f"the page is {seen['wider']} wider than the screen")
    return found
