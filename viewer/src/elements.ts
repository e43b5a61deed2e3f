// Names of the entries of an array: y₂, C₀₁, loss[12,3].

import { subscript } from "./numbers";

export function position(shape: number[], k: number): number[] {
  const place: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place.unshift(k % shape[axis]);
    k = Math.floor(k / shape[axis]);
  }
  return place;
}

export function element(name: string, shape: number[], k: number): string {
  if (shape.length === 0) return name;
  const place = position(shape, k);
  const short = [...name].length <= 2 && shape.every((length) => length <= 10);
  return short ? name + place.map(subscript).join("") : `${name}[${place.join(",")}]`;
}
