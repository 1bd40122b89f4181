"""How each kind of equipment is used, in steps that can be followed while reading. Not a training."""

from __future__ import annotations

from bot.domain.equipment import EquipmentKind
from bot.i18n import sentence

STEPS: dict[EquipmentKind, tuple[str, ...]] = {
    EquipmentKind.EXTINGUISHER: (
        sentence("First raise the alarm. Fight only a small fire, with the way out behind you."),
        sentence("Pull the pin."),
        sentence("Stand 2–3 m away, outdoors with the wind behind you; hold the hose."),
        sentence("Squeeze the lever; aim at the foot of the flames and sweep from side to side."),
        sentence(
            "If the fire is not out when it is empty, or the smoke thickens: leave at once and close the door."
        ),
    ),
    EquipmentKind.HYDRANT: (
        sentence("For trained people, two together. Cut the power first: never water on live wires or oil."),
        sentence("Open the box and press its alarm button."),
        sentence("One rolls out the hose and fixes the nozzle; the other joins the hose to the valve."),
        sentence("Hold the nozzle firmly with both hands; only then the other opens the valve."),
    ),
    EquipmentKind.FIRE_BLANKET: (
        sentence("For burning pans, or clothes on fire. Pull both tapes and shake the blanket open."),
        sentence("Wrap its edge over your hands and lay it over the fire away from you, no gap left."),
        sentence("Turn off gas or power. Leave it covered until it is cold."),
    ),
    EquipmentKind.SMOKE_HOOD: (
        sentence("For leaving, not for going in: it filters smoke and gives no oxygen."),
        sentence("Tear the bag open and pull both plugs out of the filter."),
        sentence("Pull the hood over your head, nose in the mask, and tighten the strap."),
        sentence("Leave bent low along the wall. Used once, for the minutes on its label."),
    ),
    EquipmentKind.AED: (
        sentence(
            "No response and no normal breathing: call 120, start chest compressions, somebody fetches the AED."
        ),
        sentence("Switch it on and do what it says."),
        sentence("Bare and dry the chest; put the pads where their pictures show."),
        sentence(
            "Under 8 years or 25 kg: child pads or child mode; if there are none, adult pads that do not touch."
        ),
        sentence("While it analyses and shocks, nobody touches the person."),
        sentence(
            "After the shock, or when none is advised: at once compressions again, 100–120 a minute, until the ambulance takes over."
        ),
    ),
    EquipmentKind.FIRST_AID: (
        sentence("Make sure that the place is safe; put on gloves."),
        sentence("Heavy bleeding: press a dressing hard on the wound and keep pressing; bandage tightly."),
        sentence("Burns: cool running water for 20 minutes; nothing smeared on, blisters left alone."),
        sentence("Broken bone, or hurt neck or back: do not move them; keep the part still; wait for 120."),
        sentence("Medicines are given by the school clinic only."),
    ),
    EquipmentKind.STRETCHER: (
        sentence("Hurt neck or back: do not move them unless the place itself is dangerous; wait for 120."),
        sentence("Four carriers: lift together on one word, keep it level, fasten the straps."),
        sentence("Feet first; on stairs upwards head first. One watches breathing and face all the time."),
    ),
    EquipmentKind.EYEWASH: (
        sentence("At once, before anything else: open the flow and hold both eyes open in it."),
        sentence("At least 15 minutes; roll the eyes; take contact lenses out while rinsing."),
        sentence("Splashed clothes off, skin rinsed too. Then hospital, with the name of the chemical."),
    ),
    EquipmentKind.SPILL_KIT: (
        sentence(
            "Everybody out, windows open, no switches and no flame. Unknown, strong smell or much: leave, call 119."
        ),
        sentence("Goggles, gloves and mask on before going near."),
        sentence("Ring it with absorbent, then cover it from the edge inwards."),
        sentence("Sweep it into the bag, close it, write what it is: it is hazardous waste."),
    ),
    EquipmentKind.VOMIT_KIT: (
        sentence("Everybody 2 m away, windows open. Mask, gloves, gown and shoe covers on."),
        sentence("Cover it wholly with the disinfecting pad or powder; wait for the time on the packet."),
        sentence("Wrap it up from the edge inwards, into the yellow bag, and close the bag."),
        sentence("Disinfect 2 m around. Then wash hands with soap: alcohol gel does not stop norovirus."),
    ),
    EquipmentKind.MEGAPHONE: (
        sentence("Hold it a hand's width from the mouth, press and keep pressing while you speak."),
        sentence("One instruction in a short sentence, three times. Calm and slow; no shouting."),
        sentence("The siren switch only when agreed. Spare batteries are in the case."),
    ),
    EquipmentKind.RADIO: (
        sentence("Right channel, volume up. Not near a gas leak."),
        sentence("Press, wait a second, speak: whom you call, who you are, what. Release to listen."),
        sentence("The other repeats what was said. “Urgent” goes first: everybody else is silent."),
        sentence("No pupils' names on the air."),
    ),
    EquipmentKind.TORCH: (
        sentence("Light the steps and the exits, not people's eyes."),
        sentence("Gas leak: switch it on outside, before you go in."),
    ),
    EquipmentKind.GUARD_GEAR: (
        sentence("Call 110 and lock the doors first. For trained guards, at least two together."),
        sentence("Shield in front, fork from the side; keep them away from pupils and at a distance."),
        sentence("Hold off until the police come; no pursuit."),
    ),
    EquipmentKind.CORDON: (
        sentence("Wider than seems needed, at chest height; leave the rescuers a way in."),
        sentence("One person stays at it. Nobody goes in, nothing is moved."),
    ),
    EquipmentKind.SANDBAG: (
        sentence("Half full, folded under; lay them like bricks, joints staggered, and tread them down."),
        sentence(
            "A plastic sheet underneath on the water's side. Low doors, basements and power rooms first."
        ),
        sentence("Cut the power where water may come. Nobody walks into moving water."),
    ),
    EquipmentKind.OTHER: (),
}
