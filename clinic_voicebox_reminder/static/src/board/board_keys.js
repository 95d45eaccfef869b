const ARROWS = {
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
};
const ASIDE = 3; // How much further away is what lies beside the way

function centerOf(card) {
    const {x, y, width} = card.getBoundingClientRect();
    return [x + width / 2, y];
}

/** @returns {Element|undefined} the nearest card in an arrow key's direction */
export function cardBeside(cards, from, key) {
    const [right, down] = ARROWS[key] || [];
    const [x, y] = centerOf(from);
    const found = [];
    for (const card of right === undefined ? [] : cards) {
        const [dx, dy] = [centerOf(card)[0] - x, centerOf(card)[1] - y];
        const ahead = dx * right + dy * down;
        const aside = Math.abs(right ? dy : dx);
        if (ahead > 1 && card !== from) {
            found.push({card, far: ahead + ASIDE * aside});
        }
    }
    return found.sort((one, other) => one.far - other.far)[0]?.card;
}
