using System.Text.RegularExpressions;
using Lockstep.Chaos.Network;

namespace Lockstep.Chaos.Processes;

/// <summary>A coordinator, with the proxy in front of it, its folder, and what it says of its place.</summary>
internal sealed partial class CoordinatorMember : Member
{
    /// <summary>Makes a place for one.</summary>
    /// <param name="number">Its number, from 1 on.</param>
    /// <param name="folder">Its run folder.</param>
    /// <param name="disk">The disk that its checkpoints go to.</param>
    /// <param name="clientOf">Whose connection leads from one local port to another.</param>
    /// <param name="watch">Told what passes.</param>
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

    /// <summary>HOST:PORT by which others know it.</summary>
    public string Address => Proxy.Advertised.ToString();

    /// <summary>Whether a fault befalls it.</summary>
    public bool IsBusy { get; set; }

    /// <summary>Whether it leads, as it says.</summary>
    public bool IsLeading { get; private set; }

    /// <summary>HOST:PORT of the leader that it stands by for, as it says; null for none.</summary>
    public string? Follows { get; private set; }

    /// <summary>It has no process.</summary>
    public void Gone() => (IsLeading, Follows) = (false, null);

    /// <summary>It has said a line.</summary>
    public void Hear(string line)
    {
        if (line.StartsWith("leading run ", StringComparison.Ordinal))
            (IsLeading, Follows) = (true, null);
        else if (Following().Match(line) is { Success: true } match)
            (IsLeading, Follows) = (false, match.Groups[1].Value);
        else if (line.EndsWith("yielding to it", StringComparison.Ordinal) || line.StartsWith($"coordinator {Follows} lost", StringComparison.Ordinal))
            Gone();
    }

    [GeneratedRegex(@"^standing by for the coordinator at (\S+),")]
    private static partial Regex Following();
}
