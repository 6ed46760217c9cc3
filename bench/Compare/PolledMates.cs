using System.Collections.Concurrent;
using System.Net;
using System.Runtime.InteropServices;
using Lockstep.Shared.Streaming;
using Lockstep.Worker.Slices;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lockstep.Bench.Compare;

/// <summary>
/// The connections of one simulated worker to others: those of <see cref="MateNetwork"/>, with two threads for all of them. A machine of its
/// own has enough threads for two a connection; hundreds of workers in one process have not. Needs Linux.
/// </summary>
internal sealed partial class PolledMates : IMateNetwork
{
    private const int Add = 1, Readable = 1, MostAtOnce = 64;
    private static readonly int EventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private readonly MateNetwork _network;
    private readonly ConcurrentDictionary<int, MateLink> _links = new();
    private readonly BlockingCollection<MateLink> _posted = [];
    private readonly int _poll = Create(0);

    public PolledMates(IPAddress address)
    {
        _network = new MateNetwork(address, null, null, NullLogger.Instance);
        // Both inherit the network namespace; they end with the process.
        new Thread(Receive) { IsBackground = true }.Start();
        new Thread(Send) { IsBackground = true }.Start();
    }

    public IPEndPoint Listen(ulong run, StreamTokens tokens, Action<FrameStream, string> accepted) => _network.Listen(run, tokens, accepted);

    public void Dial(
        IPEndPoint address, ulong run, ReadOnlyMemory<byte> token, string self, TimeSpan after, Action<FrameStream> connected,
        Action<string> failed) => _network.Dial(address, run, token, self, after, connected, failed);

    public void Start(MateLink link)
    {
        link.Posted = () => _posted.Add(link);
        if (link.HasPosted)
            _posted.Add(link);
        int handle = ((TensorConnection)link.Stream).Handle;
        _links[handle] = link;
        Span<byte> wanted = stackalloc byte[EventBytes];
        wanted.Clear();
        MemoryMarshal.Write(wanted, Readable);
        MemoryMarshal.Write(wanted[(EventBytes - sizeof(long))..], (long)handle);
        _ = Control(_poll, Add, handle, ref MemoryMarshal.GetReference(wanted));
    }

    public void Dispose() => _network.Dispose();

    private void Receive()
    {
        byte[] ready = new byte[MostAtOnce * EventBytes];
        while (true)
        {
            int count = Wait(_poll, ref ready[0], MostAtOnce, -1);
            for (int i = 0; i < count; i++)
            {
                int handle = (int)MemoryMarshal.Read<long>(ready.AsSpan(i * EventBytes + EventBytes - sizeof(long)));
                if (!_links[handle].ReceiveNext())
                    _links[handle].Stream.Dispose();
            }
        }
    }

    private void Send()
    {
        foreach (MateLink link in _posted.GetConsumingEnumerable())
        {
            while (link.HasPosted && link.SendNext())
            {
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1")]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl")]
    private static partial int Control(int poll, int operation, int handle, ref byte wanted);

    [LibraryImport("libc", EntryPoint = "epoll_wait")]
    private static partial int Wait(int poll, ref byte ready, int most, int milliseconds);
}
