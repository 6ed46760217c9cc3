using Lockstep.Cli.Configuration;
using Lockstep.Data;
using Lockstep.Shared.Secrets;

namespace Lockstep.Cli.Commands;

/// <summary>Every command, once.</summary>
internal static class CommandTable
{
    private const string TrainHeading = "Train";
    private const string ResultHeading = "Look at what was trained";
    private const string ProofHeading = "Prove that a run is what it says";
    private const string ExchangeHeading = "Exchange weights with other programs";
    private const string DataHeading = "Data sets";
    private const string CertificatesHeading = "Certificates for --tls-dir";

    /// <summary>In the order of the help.</summary>
    public static IReadOnlyList<CommandDescriptor> All { get; } =
    [
        new(CommandSet.Train, "train", "Train on this machine, across several worker processes", TrainCommand.RunAsync)
        {
            Heading = TrainHeading,
            Details = "Starts worker processes on this machine, trains, and writes a run folder with metrics, checkpoints and a summary. "
                + "The trained weights depend on the options under Model, Data and Training, and on nothing else. "
                + "Ctrl-C finishes the step, saves and says how to go on; a second Ctrl-C ends at once.",
            Examples =
            [
                ("lockstep train", "MNIST, two workers, default network"),
                ("lockstep train --workers 4 --epochs 5", "four processes; the same weights as with one"),
                ("lockstep train --model logistic --learning-rate 0.05", "a linear classifier"),
                ("lockstep train --lr-schedule cosine --seed 7 --out runs/cosine", "in a folder of your choice"),
                ("lockstep train --config runs/cosine/config.json --seed 8", "the same options with another seed"),
                ("lockstep train --resume auto", "go on with the newest unfinished run"),
                ("lockstep train --model 784-256-128-10 --init-from runs/cosine --include 'layer0/*' --freeze 'layer0/*'", "fine-tune a changed model"),
            ],
        },
        new(CommandSet.Coordinator, "coordinator", "Coordinate a training that workers join from any machine", CoordinatorCommand.RunAsync)
        {
            Heading = TrainHeading,
            Details = "Takes the options of train, but starts no workers: it prints an address and waits for 'lockstep worker --join'. "
                + "It can be reached from this machine only, unless --listen names another address of it. "
                + $"Then it and its workers need the same secret, in a file that others cannot read: {ClusterSecret.HowToMakeOne}; "
                + "or certificates of one CA, by which they also encrypt everything: see 'lockstep certs'; or both.",
            Examples =
            [
                ("lockstep coordinator --listen 192.168.1.10:4053 --secret-file lockstep.secret --min-workers 2", "on the first machine, by its own address"),
                ("lockstep worker --join 192.168.1.10:4053 --secret-file lockstep.secret", "on every other"),
                ("lockstep coordinator --listen 192.168.1.10:4053 --tls-dir coordinator", "with TLS"),
            ],
        },
        new(CommandSet.Launch, "launch", "Train on other machines, with workers that are started there by ssh", LaunchCommand.RunAsync)
        {
            Heading = TrainHeading,
            Details = "Takes the options of train. Coordinates the training in this process, and starts a worker on each of --hosts by ssh, which must reach them without asking for anything. "
                + "They need nothing installed: this program, as 'dotnet publish -r' makes it, is copied into a temporary folder there, which is removed when the worker ends, whatever ends it. "
                + "All of them prove to each other a secret that is made for this launch alone. The hosts must reach this machine too, at the address that is printed.",
            Examples =
            [
                ("lockstep launch --hosts node1,node2,node3", "MNIST on three machines; the same weights as with one"),
                ("lockstep launch --hosts anna@192.168.1.11,localhost --epochs 5", "this machine computes too"),
                ("lockstep launch --hosts node1,node2 --remote-program /opt/lockstep/lockstep", "where it is installed on both"),
                ("lockstep launch --hosts node1,node2,node3 --min-workers 2", "begin when two are ready"),
                ("lockstep launch --resume auto", "go on with the newest unfinished run, on its hosts"),
            ],
        },
        new(CommandSet.Worker, "worker", "Lend this machine's processors to a coordinator", WorkerCommand.RunAsync)
        {
            Heading = TrainHeading,
            Details = "Joins a coordinator, receives the run and its data from it, and computes until the run ends. It needs no data and no options of the training.",
            Examples =
            [
                ("lockstep worker --join 192.168.1.10:4053 --secret-file lockstep.secret", "all processors of this machine"),
                ("lockstep worker --join 127.0.0.1:4053 --lanes 1", "one compute thread"),
            ],
        },
        new(CommandSet.Bench, "bench", "How fast this machine trains, and how many workers are worth while", BenchCommand.RunAsync)
        {
            Heading = TrainHeading,
            Details = "Measures, in this process and in some seconds, what a step of a run with these options costs on one core, and a round trip of weights and "
                + "gradient over loopback; foretells from them a step with more workers: gradient x (shards of the busiest worker / shards) + update + workers x round trip.",
            Examples =
            [
                ("lockstep bench", "the default run"),
                ("lockstep bench --model 784-2048-2048-10 --batch-size 512 --json", "a larger one, as JSON"),
                ("lockstep bench --dataset synthetic", "without any files"),
            ],
        },
        new(CommandSet.Predict, "predict", "What a checkpoint sees in pictures", PredictCommand.RunAsync)
        {
            Heading = ResultHeading,
            Argument = "CHECKPOINT",
            ArgumentHelp = "A checkpoint file, or a run folder, of which the newest checkpoint is taken.",
            Details = "Shows pictures to the network of a checkpoint and prints what it saw, its answer and the probability of every class. "
                + "A picture can have any size, colour and background: the drawing is cut out, scaled and centred as the images of MNIST are.",
            Examples =
            [
                ("lockstep predict runs/cosine --image seven.png", "a drawing of your own"),
                ("lockstep predict runs/cosine --image a.png b.png --json", "several, as JSON"),
                ("lockstep predict runs/cosine --index 3,17", "test images 3 and 17, with what they are"),
            ],
        },
        new(CommandSet.Evaluate, "evaluate", "Loss, accuracy, confusions and mistakes of a checkpoint", EvaluateCommand.RunAsync)
        {
            Heading = ResultHeading,
            Argument = "CHECKPOINT",
            ArgumentHelp = "A checkpoint file, or a run folder, of which the newest checkpoint is taken.",
            Details = "Runs the network of a checkpoint over the test images, or those of --split, of the data set that it was trained on, or of --dataset. "
                + "Prints loss, accuracy, precision and recall of every class, and which classes it mistakes for which.",
            Examples =
            [
                ("lockstep evaluate runs/cosine", "test accuracy of a run's newest checkpoint"),
                ("lockstep evaluate runs/cosine --split validation --json", "as JSON"),
                ("lockstep evaluate runs/cosine --dataset fashion-mnist", "on other images"),
                ("lockstep evaluate runs/cosine --mistakes-image mistakes.png", "the worst mistakes, as a picture"),
            ],
        },
        new(CommandSet.Inspect, "inspect", "What a checkpoint holds: run, step, digest, parameters", InspectCommand.RunAsync)
        {
            Heading = ResultHeading,
            Argument = "CHECKPOINT",
            ArgumentHelp = "A checkpoint file, or a run folder, of which the newest checkpoint is taken.",
            Details = "Prints the run's options, the step, the digest of the weights, and name, shape and statistics of every parameter.",
            Examples =
            [
                ("lockstep inspect runs/cosine", "the newest checkpoint of a run"),
                ("lockstep inspect runs/cosine --json", "as JSON"),
                ("lockstep inspect runs/cosine --weights-image weights.png", "what the first layer looks for"),
                ("lockstep inspect runs/cosine --histograms-image histograms.png", "how the values are spread"),
            ],
        },
        new(CommandSet.Report, "report", "Everything about a run as one HTML file", ReportCommand.RunAsync)
        {
            Heading = ResultHeading,
            Argument = "RUN",
            ArgumentHelp = "A run folder.",
            Details = "Writes curves, options, environment, faults, confusion matrix, worst mistakes, weights and the check of their digest into one HTML "
                + "file that needs nothing else. A run that is not finished, or failed, gets one too. Nothing is downloaded for it.",
            Examples =
            [
                ("lockstep report runs/cosine", "writes runs/cosine/report.html"),
                ("lockstep report runs/cosine --data-dir ~/mnist --out cosine.html", "with the images from a folder"),
            ],
        },
        new(CommandSet.Compare, "compare", "Several runs side by side", CompareCommand.RunAsync)
        {
            Heading = ResultHeading,
            Argument = "RUN",
            ArgumentHelp = "A run folder.",
            Details = "Prints model, data, accuracy and digest of runs in one table, and draws their validation accuracy into one picture.",
            Examples =
            [
                ("lockstep compare runs/tuned --with runs/scratch", "one table"),
                ("lockstep compare runs/tuned --with runs/scratch runs/other --out curves.png", "and a picture"),
            ],
        },
        new(CommandSet.Restore, "restore", "Restore a changed model by name from a checkpoint", RestoreCommand.RunAsync)
        {
            Heading = ResultHeading,
            Argument = "CHECKPOINT",
            ArgumentHelp = "A checkpoint file, or a run folder, of which the newest checkpoint is taken.",
            Details = "Matches the parameters of --model with those of a checkpoint by name and shape, prints what becomes of each, and writes the restored "
                + "model as a checkpoint of its own. 'train --init-from' does the same and trains on.",
            Examples =
            [
                ("lockstep restore runs/cosine --model 784-256-128-10 --dry-run", "what would fit, and what not"),
                ("lockstep restore runs/cosine --model wide.json --include 'layer0/*' --out wide.ckpt", "write it"),
            ],
        },
        new(CommandSet.Verify, "verify", "Train a run again here, and compare every step", VerifyCommand.RunAsync)
        {
            Heading = ProofHeading,
            Argument = "RUN",
            ArgumentHelp = "A run folder.",
            Details = "Trains the run again in this process, from its spec and its data set, and compares the weights after every step with its trace and "
                + "its checkpoints. Stops at the first step that differs (exit code 1), or says that all are identical.",
            Examples =
            [
                ("lockstep verify runs/cosine", "all of it"),
                ("lockstep verify runs/cosine --to 1000 --workers 1", "the first thousand steps, on one thread"),
            ],
        },
        new(CommandSet.Diff, "diff", "The first step in which two runs differ", DiffCommand.RunAsync)
        {
            Heading = ProofHeading,
            Argument = "RUN",
            ArgumentHelp = "A run folder.",
            Details = "Compares the traces of two runs and names the first step that differs, what differs in their specs, and, where both have a checkpoint of one "
                + "later step, the value that differs most. Nothing is trained. The exit code is 0 for runs that are the same, else 1.",
            Examples = [("lockstep diff runs/mine --with runs/theirs", "the same code on two machines?")],
        },
        new(CommandSet.Replay, "replay", "The checkpoint of any step of a run", ReplayCommand.RunAsync)
        {
            Heading = ProofHeading,
            Argument = "RUN",
            ArgumentHelp = "A run folder.",
            Details = "Goes on from the newest checkpoint at or before a step, or from the beginning, in this process, and writes the checkpoint that the run had at that "
                + "step, whether it saved one or not. Every step on the way is compared with the trace.",
            Examples = [("lockstep replay runs/cosine --to 1234 --out step-1234.ckpt", "look at it with inspect, evaluate, predict")],
        },
        new(CommandSet.Chaos, "chaos", "Break a training in every way, and show that its weights stay the same", ChaosCommand.RunAsync)
        {
            Heading = ProofHeading,
            Details = "Trains with a coordinator and workers as processes of their own on this machine, and kills, pauses, cuts off, slows down and restarts them while "
                + "it goes on; workers join and leave, and the disk of checkpoints is full. Then trains as many steps undisturbed in this process and compares the weights after "
                + "every step. Prints how long each fault was felt, and draws a timeline. The exit code is 0 only if all bytes are the same. Linux only.",
            Examples =
            [
                ("lockstep chaos", "a minute of faults, drawn from seed 1"),
                ("lockstep chaos --seed 7 --minutes 5 --workers 4", "other faults, more of them"),
                ("lockstep chaos --plan plan.json", "faults of your own, see docs/chaos.md"),
            ],
        },
        new(CommandSet.Export, "export", "Write weights for other programs: safetensors, npz, ONNX, CSV", ExportCommand.RunAsync)
        {
            Heading = ExchangeHeading,
            Argument = "CHECKPOINT",
            ArgumentHelp = "A checkpoint file, or a run folder, of which the newest checkpoint is taken.",
            Details = "Writes the weights of a checkpoint as safetensors or npz, the whole network as an ONNX model, or one CSV file for each parameter. "
                + "With --names torch it prints the lines of Python that build the network and load the file. Files that exist are never replaced.",
            Examples =
            [
                ("lockstep export runs/cosine --to onnx --out digits.onnx", "for ONNX Runtime and all that reads ONNX"),
                ("lockstep export runs/cosine --to safetensors --names torch", "for PyTorch, with its names and layout"),
                ("lockstep export runs/cosine --to npz --map 'W0=layer0/weights'", "for NumPy, one name changed"),
            ],
        },
        new(CommandSet.Import, "import", "Make a checkpoint of weights from other programs", ImportCommand.RunAsync)
        {
            Heading = ExchangeHeading,
            Argument = "FILE",
            ArgumentHelp = "A safetensors or npz file, or a folder of CSV files.",
            Details = "Writes a checkpoint of a run of --model that begins with the weights of a file: evaluate, predict and inspect it, go on with "
                + "'train --resume', or begin another training with 'train --init-from'. Every tensor of the file must fit a parameter of the model, and every parameter must be there.",
            Examples =
            [
                ("lockstep import net.safetensors --model 784-256-10 --names torch --out net.ckpt", "a state_dict of torch.nn.Sequential"),
                ("lockstep import net.npz --model 784-10 --map 'W=layer0/weights,b=layer0/biases' --out net.ckpt", "names of your own"),
            ],
        },
        new(CommandSet.DataFetch, "data fetch", "Download a data set into the cache", DataFetchCommand.RunAsync)
        {
            Heading = DataHeading,
            Argument = "NAME",
            ArgumentHelp = $"One of {string.Join(", ", DatasetCatalog.Names)}.",
            Details = "Makes a data set available offline: looks in --data-dir and the user's cache, and downloads what is missing.",
            Examples = [("lockstep data fetch fashion-mnist", "now, rather than when a training starts")],
        },
        new(CommandSet.DataInfo, "data info", "Counts, shapes, classes and digest of a data set", DataInfoCommand.RunAsync)
        {
            Heading = DataHeading,
            Argument = "NAME",
            ArgumentIsOptional = true,
            ArgumentHelp = $"One of {string.Join(", ", DatasetCatalog.Names)}; left out, the one that train would take.",
            Details = "Describes a data set: where it comes from, counts, shapes, share of non-zero pixels, classes, digest.",
            Examples =
            [
                ("lockstep data info", "what train would train on"),
                ("lockstep data info mnist --data-dir ~/mnist --json", "files of your own"),
            ],
        },
        new(CommandSet.DataShow, "data show", "Draw images of a data set into a PNG", DataShowCommand.RunAsync)
        {
            Heading = DataHeading,
            Argument = "NAME",
            ArgumentIsOptional = true,
            ArgumentHelp = $"One of {string.Join(", ", DatasetCatalog.Names)}; left out, the one that train would take.",
            Details = "Writes a contact sheet, so that a person can look at the images.",
            Examples = [("lockstep data show synthetic --split train --out digits.png", "twenty training images of each class")],
        },
        new(CommandSet.CertsInit, "certs init", "Make a CA for the nodes of a cluster", CertsCommand.InitAsync)
        {
            Heading = CertificatesHeading,
            Details = "Makes a small certificate authority: ca.crt, and ca.key, which only its owner can read. Keep the key where certificates are issued; no node needs it.",
            Examples = [("lockstep certs init --tls-dir ca", "once for a cluster")],
        },
        new(CommandSet.CertsIssue, "certs issue", "Issue a certificate to a node", CertsCommand.IssueAsync)
        {
            Heading = CertificatesHeading,
            Details = "Makes a folder for one node: ca.crt, node.crt, and node.key, which only its owner can read. Bring it to the node by a way that nobody listens to, "
                + "and start coordinator or worker with it as --tls-dir.",
            Examples =
            [
                ("lockstep certs issue --tls-dir ca --name coordinator.lan,192.168.1.10 --out coordinator", "a coordinator that is joined by either"),
                ("lockstep certs issue --tls-dir ca --name worker1 --out worker1", "a worker"),
            ],
        },
    ];
}
