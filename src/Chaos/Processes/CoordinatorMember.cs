using System.Text.RegularExpressions;
using Lockstep.Chaos.Network;

namespace Lockstep.Chaos.Processes;

/// <summary>A coordinator with its proxy, its folder and its role, as it reports it.</summary>
internal sealed partial class CoordinatorMember : Member
{
    /// <summary>A coordinator without a process.</summary>
    /// <param name="number">Its number, from 1 on.</param>
    /// <param name="folder">Its run folder.</param>
    /// <param name="disk">The disk of its checkpoints.</param>
    /// <param name="clientOf">Owner of the connection from one local port to another.</param>
    /// <param name="watch">Sees the frames.</param>
    public CoordinatorMember(int number, string folder, ICheckpointDisk disk, Func<int, int, ProxyClient?> clientOf, IStreamWatch watch)
        : base($"coordinator {number}")
    {
        Number = number;
        Folder = folder;
        Disk = disk;
        Proxy = new ClusterProxy(number, Link, clientOf, watch);
    }

    public int Number { get; }

    public string Folder { get; }

    public ICheckpointDisk Disk { get; }

    public ClusterProxy Proxy { get; }

    /// <summary>HOST:PORT at which others reach it.</summary>
    public string Address => Proxy.Advertised.ToString();

    /// <summary>Whether a fault hits it now.</summary>
    public bool IsBusy { get; set; }

    /// <summary>Whether it reports that it leads.</summary>
    public bool IsLeading { get; private set; }

    /// <summary>HOST:PORT of the leader that it reports to stand by for; null for none.</summary>
    public string? Follows { get; private set; }

    /// <summary>Its process has ended.</summary>
    public void Gone() => (IsLeading, Follows) = (false, null);

    /// <summary>Reads a line of its standard error.</summary>
    public void Hear(string line)
    {
        if (line.StartsWith("leading run ", StringComparison.Ordinal))
            (IsLeading, Follows) = (true, null);
        else if (Following().Match(line) is { Success: true } match)
            (IsLeading, Follows) = (false, match.Groups[1].Value);
        else if (line.EndsWith("yielding to it", StringComparison.Ordinal)
            || line.StartsWith($"coordinator {Follows} lost", StringComparison.Ordinal))
            Gone();
    }

    [GeneratedRegex(@"^standing by for the coordinator at (\S+),")]
    private static partial Regex Following();
}
