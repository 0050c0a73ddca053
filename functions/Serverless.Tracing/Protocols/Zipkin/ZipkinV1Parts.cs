using Serverless.Tracing.Frames;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>The parts of one v1 span, one for each service: what Zipkin's V1SpanConverter calls its builders.</summary>
internal sealed class ZipkinV1Parts(ZipkinDecodeContext context)
{
    private const int LargestKept = 1 << 12;
    private const int LargestKeptServices = 1 << 16;

    private readonly ItemPool<ZipkinV1Part> _items = new();

    // By the service name's text id, the first part of that service; it counts only if that part is there and is that service's.
    private int[] _partOfService = new int[1024];
    private int _most;

    /// <summary>The parts; they hold until one is added.</summary>
    public Span<ZipkinV1Part> Items => _items.Items;

    /// <summary>The first part, which takes all that names no host.</summary>
    public ref ZipkinV1Part First => ref _items[0];

    /// <summary>There would be more than there may be.</summary>
    public bool AreTooMany => _items.Count > _most;

    /// <summary>Begins a span.</summary>
    public void Begin(int most)
    {
        _most = most;
        _items.Reset(LargestKept);
        _items.Add();
    }

    /// <summary>Ends a body: gives memory back that an unusual one made it take.</summary>
    public void End()
    {
        _items.Reset(LargestKept);
        if (_partOfService.Length > LargestKeptServices)
            _partOfService = new int[1024];
    }

    /// <summary>The part of the service at an endpoint; without one it is the first part, which takes the first endpoint that comes.</summary>
    public ref ZipkinV1Part Of(int endpoint)
    {
        if (endpoint == 0)
            return ref _items[0];
        var service = ServiceOf(endpoint);
        if (service >= _partOfService.Length)
            Array.Resize(ref _partOfService, Math.Max(_partOfService.Length * 2, service + 1));
        ref var known = ref _partOfService[service];
        if (known < _items.Count && _items[known].Local != 0 && ServiceOf(_items[known].Local) == service)
            return ref _items[known];
        if (_items[0].Local == 0)
        {
            known = 0;
            _items[0].Local = endpoint;
            return ref _items[0];
        }

        known = _items.Count;
        return ref Add(endpoint);
    }

    /// <summary>Adds a part of its own for a service that may have one already.</summary>
    public ref ZipkinV1Part Add(int endpoint)
    {
        // The request is refused: no need to take memory for more.
        if (_items.Count > _most)
            _items.TruncateTo(_most);
        ref var part = ref _items.Add();
        part.Local = endpoint;
        return ref part;
    }

    /// <summary>Adds an annotation to a part.</summary>
    public void AddEvent(ref ZipkinV1Part part, in ZipkinV1Span.Annotation annotation)
    {
        var cut = context.Cut;
        context.Cut = 0;
        context.AddEvent(ref part.Events, ref part.DroppedEvents, annotation.Timestamp, annotation.Value);
        part.Cut |= context.Cut;
        context.Cut = cut;
    }

    /// <summary>Adds a binary annotation to a part as its tag.</summary>
    public static void AddTag(ref ZipkinV1Part part, Span<ZipkinV1Span.BinaryAnnotation> annotations, int index)
    {
        annotations[index].Next = 0;
        if (part.FirstTag == 0)
            part.FirstTag = index + 1;
        else
            annotations[part.LastTag - 1].Next = index + 1;
        part.LastTag = index + 1;
    }

    /// <summary>The text id of an endpoint's service.</summary>
    public int ServiceOf(int endpoint) => context.Batch.Endpoints[endpoint - 1].ServiceName;

    /// <summary>The endpoint of a number of the batch.</summary>
    public EndpointItem EndpointOf(int endpoint) => endpoint == 0 ? default : context.Batch.Endpoints[endpoint - 1];

    /// <summary>The endpoint without its service's name, or 0 where nothing is left.</summary>
    public int WithoutService(int endpoint)
    {
        var (_, ipv4, ipv6, port) = EndpointOf(endpoint);
        return ipv4 is null && ipv6 is null && port == 0 ? 0 : context.Batch.AddEndpoint(0, ipv4, ipv6, port);
    }
}
