using System.Runtime.InteropServices;
using Lockstep.Cluster.Tests;
using Lockstep.Model.Layers;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Interchange;

namespace Lockstep.Hostile.Tests;

/// <summary>The commands on good input: what they take of memory is what hostile input is measured against.</summary>
public sealed partial class GoodCommands : IDisposable
{
    private readonly HostileFiles _files = new("");

    public GoodCommands()
    {
        var layout = new ParameterLayout(Lockstep.Model.Specs.ModelSpec.Parse("784-10"));
        float[] weights = [.. Enumerable.Range(0, layout.Length).Select(i => i % 7 / 7f)];
        using (FileStream file = File.Create(_files.Path("digits.npz")))
            NpzFile.Write(file, CheckpointTensors.CopyFrom(layout, weights));
        Checkpoint = _files.Path("digits.ckpt");
        Run("import", _files.Path("digits.npz"), "--model", "784-10", "--out", Checkpoint);
        Run("inspect", Checkpoint);
        Run("predict", Checkpoint, "--image", _files.Bytes("bar.png", Corpus.Read("png", "bar.png")));
        Run("data", "info", "mnist", "--data-dir", _files.Mnist());
        Peak = PeakOfChildren();
    }

    /// <summary>A checkpoint of a model of MNIST's size.</summary>
    public string Checkpoint { get; }

    /// <summary>The most that any of the commands took, in bytes.</summary>
    public long Peak { get; }

    public void Dispose() => _files.Dispose();

    /// <summary>The largest resident set that any process had which this one started and which has ended, in bytes.</summary>
    public static long PeakOfChildren()
    {
        const int children = -1, maxResidentKilobytes = 4;
        long[] usage = new long[18];
        Assert.Equal(0, ResourceUsage(children, usage));
        return usage[maxResidentKilobytes] * 1024;
    }

    private static void Run(params string[] arguments)
    {
        using LockstepProcess command = LockstepProcess.Start(arguments);
        Assert.True(command.WaitForExit() == 0, command.StandardError);
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int ResourceUsage(int who, [Out] long[] usage);
}
