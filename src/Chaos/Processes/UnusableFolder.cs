namespace Lockstep.Chaos.Processes;

/// <summary>
/// Stands in for a full disk without the right to mount one: moves the checkpoint folder away and puts a file in its place.
/// </summary>
/// <param name="folder">The checkpoint folder.</param>
internal sealed class UnusableFolder(string folder) : ICheckpointDisk
{
    private string Away => folder + ".away";

    public string Failing => "stand-in for a full disk: the checkpoint folder is not there";

    public void Fail()
    {
        Directory.Move(folder, Away);
        File.WriteAllText(folder, "In the way of checkpoints, on purpose: lockstep chaos.\n");
    }

    public void Recover()
    {
        if (!Directory.Exists(Away))
            return;
        File.Delete(folder);
        Directory.Move(Away, folder);
    }

    public void Dispose() => Recover();
}
