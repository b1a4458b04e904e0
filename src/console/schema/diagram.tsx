import { useEffect, useRef, useState } from 'preact/hooks';
import type { Cloud } from '../ui/cloud.tsx';
import { Failure, Forbidden, Skeleton } from '../ui/notice.tsx';
import { may } from '../viewer.ts';
import { useErd } from './schema-resources.ts';

const zooms = [0.25, 0.5, 0.75, 1, 1.5, 2, 3] as const;

/** The picture of a database's tables: it is as wide as its place, until one zooms. */
export function SchemaDiagram({ source, compare }: { readonly source: Cloud; readonly compare: boolean }) {
  const erd = useErd(source, compare);
  const place = useRef<HTMLDivElement>(null);
  const [zoom, setZoom] = useState<number | null>(null);
  const svg = erd.data?.erd?.svg;
  useEffect(() => {
    if (svg === undefined || place.current === null) return;
    const picture = document.importNode(
      new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement,
      true,
    );
    picture.dataset.width = picture.getAttribute('width') ?? '';
    place.current.replaceChildren(picture);
  }, [svg]);
  useEffect(() => {
    const picture = place.current?.querySelector('svg');
    if (!picture) return;
    picture.removeAttribute('height');
    const own = Number(picture.dataset.width);
    picture.setAttribute('width', zoom === null ? '100%' : String(own * zoom));
  }, [svg, zoom]);
  if (!may('erd')) return <Forbidden feature="erd" what="the diagram" />;

  const step = (by: 1 | -1) => {
    const picture = place.current?.querySelector('svg');
    const now = zoom ?? (picture ? picture.getBoundingClientRect().width / Number(picture.dataset.width) : 1);
    const next = by === 1 ? zooms.find((one) => one > now + 0.01) : zooms.findLast((one) => one < now - 0.01);
    if (next !== undefined) setZoom(next);
  };
  return (
    <div class="diagram">
      <div class="zoom">
        <button type="button" aria-label="Zoom out" onClick={() => step(-1)}>
          −
        </button>
        <button type="button" onClick={() => setZoom(null)}>
          Fit
        </button>
        <button type="button" aria-label="Zoom in" onClick={() => step(1)}>
          +
        </button>
      </div>
      <Failure errors={erd.errors} retry={erd.reload} />
      {erd.isLoading && <Skeleton lines={12} />}
      <section
        ref={place as never}
        class="picture"
        hidden={svg === undefined}
        tabIndex={0}
        aria-label={compare ? 'Tables of both clouds' : `Tables of ${source}`}
        onKeyDown={({ key }) => {
          if (key === '+' || key === '-') step(key === '+' ? 1 : -1);
          if (key === '0') setZoom(null);
        }}
        onWheel={(event) => {
          if (!event.ctrlKey) return;
          event.preventDefault();
          step(event.deltaY < 0 ? 1 : -1);
        }}
        onPointerDown={drag}
      />
    </div>
  );
}

/** Pans while the pointer is down. */
function drag(event: PointerEvent): void {
  const place = event.currentTarget as HTMLElement;
  if (event.button !== 0 || event.pointerType !== 'mouse') return;
  const from = { x: event.clientX + place.scrollLeft, y: event.clientY + place.scrollTop };
  const controller = new AbortController();
  const { signal } = controller;
  place.addEventListener(
    'pointermove',
    ({ clientX, clientY }) => place.scrollTo(from.x - clientX, from.y - clientY),
    { signal },
  );
  addEventListener('pointerup', () => controller.abort(), { signal });
}
