using Lockstep.Cli.Terminal;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Cli.Tests;

/// <summary>
/// Whole trainings of a few steps on <see cref="TinyImages"/>, with coordinator and worker in this process and real sockets between them.
/// </summary>
internal static class TinyRun
{
    /// <summary>A new run of four epochs of three steps, with the checkpoints of the last three in its folder.</summary>
    /// <param name="images">Folder of the images.</param>
    /// <param name="run">The run folder.</param>
    /// <param name="options">Options of the run.</param>
    public static async Task TrainFourEpochsAsync(string images, string run, params string[] options)
    {
        CommandRun training = await TrainAsync(images, ["--out", run, "--epochs", "4", .. options]);
        Assert.Equal(ExitCode.Done, training.ExitCode);
        foreach (long step in (long[])[6, 9])
        {
            // Left out where the disk is slower than the training.
            string file = Path.Combine(run, "checkpoints", CheckpointStore.FileName(step));
            if (!File.Exists(file))
                Assert.Equal(ExitCode.Done, (await CommandRun.RunAsync(["replay", run, "--to", $"{step}", "--out", file])).ExitCode);
        }
    }

    /// <summary>A coordinator with the options, and a worker for it.</summary>
    /// <param name="images">Folder of the images.</param>
    /// <param name="options">Options of the coordinator.</param>
    public static Task<CommandRun> TrainAsync(string images, params string[] options)
    {
        string[] given = options.Contains("--resume") || options.Contains("--config")
            ? options
            : ["--data-dir", images, "--dataset", "mnist", "--batch-size", "8", "--shards", "2", .. options.Contains("--model")
            ? Array.Empty<string>()
            : ["--model", "784-2"], .. options];
        return CoordinateAsync(given);
    }

    /// <summary>A coordinator with exactly these options, and a worker for it if it comes so far.</summary>
    public static async Task<CommandRun> CoordinateAsync(params string[] options)
    {
        var error = new Training.WatchedWriter("workers join with: lockstep worker --join ");
        Task<CommandRun> coordinator = CommandRun.RunAsync(["coordinator", .. options], error);
        if (await Task.WhenAny(coordinator, error.RestOfLineAsync()) == coordinator)
            return await coordinator;
        CommandRun worker = await CommandRun.RunAsync(["worker", "--join", await error.RestOfLineAsync(), "--lanes", "1", "--quiet"]);
        Assert.Equal(ExitCode.Done, worker.ExitCode);
        return await coordinator;
    }
}
